package coppice.imp.store;

/** The element types of a safetensors file that Coppice reads and writes, little-endian, under their names in the format. */
public enum Dtype {

    F32(Float.BYTES), I32(Integer.BYTES), I64(Long.BYTES), U8(Byte.BYTES);

    private final int width;

    Dtype(int width) {
        this.width = width;
    }

    /** Bytes per element. */
    public int width() {
        return width;
    }
}
