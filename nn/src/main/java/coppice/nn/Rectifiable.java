package coppice.nn;

import coppice.engine.Tensor;

/** A layer that can compute max(y, 0) in the pass over memory in which it computes y: {@link Sequential} asks it to where a {@link Relu} follows. */
interface Rectifiable extends Layer {

    /** What a ReLU makes of {@link #forward}. */
    Tensor forwardRectified(Pass pass, Tensor x);
}
