package coppice.kernels.cuda;

import jcuda.Pointer;

/** An address of the machine's memory or of the device's, as JCuda takes it. */
final class Address extends Pointer {

    Address() {}

    Address(long address) {
        super(address);
    }

    long value() {
        return getNativePointer();
    }
}
