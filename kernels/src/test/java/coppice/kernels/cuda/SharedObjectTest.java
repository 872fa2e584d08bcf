package coppice.kernels.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** JCuda's library for cuBLAS is at hand on every machine. */
class SharedObjectTest {

    private static final String OF_CUDA_12 = "libcublas.so.12";
    private static final String OF_CUDA_13 = "libcublas.so.13";

    private static byte[] ofJCuda() throws IOException {
        try (InputStream packed = SharedObjectTest.class.getResourceAsStream("/lib/libJCublas2-12.6.0-linux-x86_64.so")) {
            return packed.readAllBytes();
        }
    }

    @Test
    void needsAnotherLibrary() throws IOException {
        byte[] before = ofJCuda();
        byte[] after = before.clone();
        assertTrue(new SharedObject(before).needed().contains(OF_CUDA_12));
        new SharedObject(after).need(OF_CUDA_12, OF_CUDA_13);
        assertTrue(new SharedObject(after).needed().contains(OF_CUDA_13));
        assertEquals(2, IntStream.range(0, before.length).filter(i -> before[i] != after[i]).count(), "one letter, one byte of its hash");
        new SharedObject(after).need(OF_CUDA_13, OF_CUDA_12);
        assertTrue(Arrays.equals(before, after));
    }

    /** That of the ELF specification's example, and names that another program hashed. */
    @Test
    void hashes() {
        assertEquals(0x077905A6, SharedObject.hash("printf"));
        assertEquals(0x09691A75, SharedObject.hash("GLIBC_2.2.5"));
    }

    @Test
    void refusesWhatItCannotDo() throws IOException {
        byte[] bytes = ofJCuda();
        var library = new SharedObject(bytes);
        assertThrows(IllegalArgumentException.class, () -> library.need(OF_CUDA_12, "libcublas.so.9"));
        assertThrows(IllegalArgumentException.class, () -> library.need("libcufft_.so.12", OF_CUDA_13));
        assertThrows(IllegalArgumentException.class, () -> new SharedObject(new byte[100]));
        assertThrows(IllegalArgumentException.class, () -> new SharedObject(Arrays.copyOf(bytes, 100)));
        assertThrows(IllegalArgumentException.class, () -> new SharedObject(Arrays.copyOf(bytes, 4096)));
    }
}
