package coppice.nn.data;

/** The two parts in which a data set is published; they agree in the shape of an example and in the classes. */
public record TrainAndTest(Images train, Images test) {

    public TrainAndTest {
        if (!train.example().equals(test.example()) || train.classes() != test.classes()) {
            throw new IllegalArgumentException("data: train and test must agree in shape and classes, got " + train
                    + " and " + test);
        }
    }
}
