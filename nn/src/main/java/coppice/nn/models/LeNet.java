package coppice.nn.models;

import coppice.engine.Shape;
import coppice.nn.Flatten;
import coppice.nn.Linear;
import coppice.nn.Model;
import coppice.nn.Relu;
import coppice.nn.Sequential;

/** The fully connected networks of LeCun et al., "Gradient-based learning applied to document recognition" (1998), section III.C. */
final class LeNet {

    private LeNet() {}

    /** Two hidden layers of 300 and 100 units; 266,610 parameters on 28×28 images of 10 classes. */
    static Model lenet300100(Shape example, int classes) {
        return new Model("lenet-300-100", example, Sequential.of(
                new Flatten(),
                new Linear("fc1", example.size(), 300), new Relu(),
                new Linear("fc2", 300, 100), new Relu(),
                new Linear("fc3", 100, classes)));
    }
}
