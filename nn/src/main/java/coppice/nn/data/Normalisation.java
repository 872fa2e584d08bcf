package coppice.nn.data;

import java.util.Arrays;

/**
 * How pixels become inputs: {@code (pixel / 255 − mean) / std}, with one mean and one standard deviation per channel, both on
 * the scale of 0 to 1.
 */
public record Normalisation(float[] mean, float[] std) {

    public Normalisation {
        if (mean.length == 0 || mean.length != std.length) {
            throw new IllegalArgumentException("normalisation: needs one mean and one std per channel, got "
                    + mean.length + " means and " + std.length + " stds");
        }
        for (int channel = 0; channel < std.length; channel++) {
            if (!Float.isFinite(mean[channel]) || !(std[channel] > 0) || !Float.isFinite(std[channel])) {
                throw new IllegalArgumentException("normalisation: mean must be finite and std finite and above 0, got mean "
                        + mean[channel] + " and std " + std[channel] + " in channel " + channel);
            }
        }
    }

    /**
     * The mean and standard deviation of the view's own pixels, from exact integer sums, so that the order of the images does
     * not matter. A channel of one single value gets std 1.
     */
    public static Normalisation of(View view) {
        if (view.size() == 0) {
            throw new IllegalArgumentException("normalisation: " + view.data().name() + " has no images in this view");
        }
        if (!(view.data() instanceof Dataset data)) {
            throw new IllegalArgumentException("normalisation: " + view.data().name()
                    + " is not in memory, and needs a given mean and std, such as those of ImageNet");
        }
        int channels = data.example().size(0);
        int plane = data.example().rowSize();
        float[] mean = new float[channels];
        float[] std = new float[channels];
        for (int channel = 0; channel < channels; channel++) {
            long sum = 0;
            long squares = 0;
            for (int image : view.indices()) {
                int first = image * data.example().size() + channel * plane;
                for (int i = first; i < first + plane; i++) {
                    int pixel = Byte.toUnsignedInt(data.pixels()[i]);
                    sum += pixel;
                    squares += (long) pixel * pixel;
                }
            }
            double count = (double) view.size() * plane;
            double average = sum / count;
            double variance = squares / count - average * average;
            mean[channel] = (float) (average / 255);
            std[channel] = variance > 0 ? (float) (Math.sqrt(variance) / 255) : 1;
        }
        return new Normalisation(mean, std);
    }

    /** What is usually taken for CIFAR-10: the statistics of its training part, to four digits. */
    public static Normalisation cifar10() {
        return new Normalisation(new float[] {0.4914f, 0.4822f, 0.4465f}, new float[] {0.2470f, 0.2435f, 0.2616f});
    }

    /** What torchvision's models expect of ImageNet and of other photographs. */
    public static Normalisation imageNet() {
        return new Normalisation(new float[] {0.485f, 0.456f, 0.406f}, new float[] {0.229f, 0.224f, 0.225f});
    }

    public int channels() {
        return mean.length;
    }

    @Override
    public String toString() {
        return "mean " + Arrays.toString(mean) + " std " + Arrays.toString(std);
    }
}
