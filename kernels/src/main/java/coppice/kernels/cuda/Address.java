package coppice.kernels.cuda;

import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import jcuda.Pointer;

/** An address of the machine's memory or of the device's, as JCuda takes it. */
final class Address extends Pointer {

    Address() {}

    Address(long address) {
        super(address);
    }

    /** Of a number in the machine's memory that stays there, such as a factor that NVIDIA's libraries are given. */
    static Address of(float number) {
        return new Address(Arena.global().allocateFrom(ValueLayout.JAVA_FLOAT, number).address());
    }

    long value() {
        return getNativePointer();
    }
}
