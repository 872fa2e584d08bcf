package coppice.kernels.cuda;

import coppice.engine.Shape;
import coppice.engine.Window;

/** A window and the images it slides over as kernels take them: {@code Window} of Window.cuh. */
final class WindowArguments {

    private WindowArguments() {}

    /** @param images [C, H, W, N] */
    static int[] of(Window window, Shape images) {
        Shape output = window.output("window", images, images.size(0));
        return new int[] {
            window.y().size(), window.y().stride(), window.y().padding(), window.y().dilation(),
            window.x().size(), window.x().stride(), window.x().padding(), window.x().dilation(),
            images.size(1), images.size(2), output.size(1), output.size(2), images.size(3)
        };
    }
}
