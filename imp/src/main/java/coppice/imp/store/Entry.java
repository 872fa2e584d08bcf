package coppice.imp.store;

import coppice.engine.Shape;
import java.nio.ByteBuffer;
import java.util.Arrays;

/** One tensor of a {@link Safetensors} file: a shape and its values, row-major. Values are copied on the way in and out. */
public sealed interface Entry {

    Shape shape();

    Dtype dtype();

    /** Writes values {@code from} to {@code from + count − 1} at the buffer's position, which it leaves there. */
    void put(int from, int count, ByteBuffer buffer);

    /** 32-bit floating point, {@code F32}. */
    record Floats(Shape shape, float[] values) implements Entry {

        public Floats {
            requireCount(shape, values.length);
            values = values.clone();
        }

        @Override
        public float[] values() {
            return values.clone();
        }

        @Override
        public Dtype dtype() {
            return Dtype.F32;
        }

        @Override
        public void put(int from, int count, ByteBuffer buffer) {
            buffer.asFloatBuffer().put(values, from, count);
        }

        @Override
        public boolean equals(Object other) {
            return other instanceof Floats that && shape.equals(that.shape) && Arrays.equals(values, that.values);
        }

        @Override
        public int hashCode() {
            return Arrays.hashCode(values);
        }
    }

    /** 32-bit signed integers, {@code I32}. */
    record Ints(Shape shape, int[] values) implements Entry {

        public Ints {
            requireCount(shape, values.length);
            values = values.clone();
        }

        @Override
        public int[] values() {
            return values.clone();
        }

        @Override
        public Dtype dtype() {
            return Dtype.I32;
        }

        @Override
        public void put(int from, int count, ByteBuffer buffer) {
            buffer.asIntBuffer().put(values, from, count);
        }

        @Override
        public boolean equals(Object other) {
            return other instanceof Ints that && shape.equals(that.shape) && Arrays.equals(values, that.values);
        }

        @Override
        public int hashCode() {
            return Arrays.hashCode(values);
        }
    }

    /** 64-bit signed integers, {@code I64}. */
    record Longs(Shape shape, long[] values) implements Entry {

        public Longs {
            requireCount(shape, values.length);
            values = values.clone();
        }

        @Override
        public long[] values() {
            return values.clone();
        }

        @Override
        public Dtype dtype() {
            return Dtype.I64;
        }

        @Override
        public void put(int from, int count, ByteBuffer buffer) {
            buffer.asLongBuffer().put(values, from, count);
        }

        @Override
        public boolean equals(Object other) {
            return other instanceof Longs that && shape.equals(that.shape) && Arrays.equals(values, that.values);
        }

        @Override
        public int hashCode() {
            return Arrays.hashCode(values);
        }
    }

    /** 8-bit unsigned integers, {@code U8}. */
    record Bytes(Shape shape, byte[] values) implements Entry {

        public Bytes {
            requireCount(shape, values.length);
            values = values.clone();
        }

        @Override
        public byte[] values() {
            return values.clone();
        }

        @Override
        public Dtype dtype() {
            return Dtype.U8;
        }

        @Override
        public void put(int from, int count, ByteBuffer buffer) {
            buffer.slice().put(values, from, count);
        }

        @Override
        public boolean equals(Object other) {
            return other instanceof Bytes that && shape.equals(that.shape) && Arrays.equals(values, that.values);
        }

        @Override
        public int hashCode() {
            return Arrays.hashCode(values);
        }
    }

    private static void requireCount(Shape shape, int count) {
        if (shape.size() != count) {
            throw new IllegalArgumentException("tensor entry: shape " + shape + " holds " + shape.size() + " values, got " + count);
        }
    }
}
