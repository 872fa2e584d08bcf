package coppice.kernels.cuda;

import coppice.engine.Product.Face;
import java.lang.foreign.MemorySegment;

/** A device that notes what is done while work is {@link Recorded}. */
final class NotingDevice implements Device {

    private final Device device;
    /** Null where nothing is to be noted. */
    private Recorded recorded;

    NotingDevice(Device device) {
        this.device = device;
    }

    /** @param recorded null for none */
    void record(Recorded recorded) {
        this.recorded = recorded;
    }

    private void cannotRepeat() {
        if (recorded != null) {
            recorded.cannotRepeat();
        }
    }

    @Override
    public void launch(Launch launch) {
        if (recorded != null) {
            recorded.add(launch);
        }
        device.launch(launch);
    }

    @Override
    public boolean takes(Multiplication product) {
        return device.takes(product);
    }

    @Override
    public boolean takesSurvivors(Face face) {
        return device.takesSurvivors(face);
    }

    @Override
    public void multiply(Multiplication product) {
        if (recorded != null) {
            recorded.add(product);
        }
        device.multiply(product);
    }

    @Override
    public void upload(MemorySegment from, long to) {
        cannotRepeat();
        device.upload(from, to);
    }

    @Override
    public Runnable beside(Runnable work) {
        return device.beside(work);
    }

    @Override
    public void download(long from, MemorySegment to) {
        cannotRepeat();
        device.download(from, to);
    }

    @Override
    public String name() {
        return device.name();
    }

    @Override
    public String description() {
        return device.description();
    }

    @Override
    public long allocate(long bytes) {
        return device.allocate(bytes);
    }

    @Override
    public void free(long address) {
        device.free(address);
    }

    @Override
    public long freeBytes() {
        return device.freeBytes();
    }

    @Override
    public void finish() {
        device.finish();
    }

    @Override
    public void close() {
        device.close();
    }
}
