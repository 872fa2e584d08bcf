package coppice.kernels.cuda;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * A 64-bit little-endian ELF file of a shared library, as far as it says which others it needs (System V Application Binary Interface, Dynamic
 * Linking; Linux Standard Base, Symbol Versioning). JCuda's libraries for CUDA 12 call functions that CUDA 13 has as well, under another file
 * name: the name of the file stands in one table of strings, and its hash beside each version of symbols that is wanted of it.
 */
final class SharedObject {

    private static final int MAGIC = 0x464C457F;
    private static final int CLASS_64_LITTLE_ENDIAN = 0x0102;

    private static final int PROGRAM_HEADERS = 32;
    private static final int PROGRAM_HEADER_SIZE = 54;
    private static final int PROGRAM_HEADER_COUNT = 56;
    private static final int LOAD = 1;
    private static final int DYNAMIC = 2;

    private static final int ENTRY = 16;
    private static final long END = 0;
    private static final long NEEDED = 1;
    private static final long STRINGS = 5;
    private static final long VERSIONS_NEEDED = 0x6FFFFFFEL;
    private static final long VERSIONS_NEEDED_COUNT = 0x6FFFFFFFL;

    private final ByteBuffer file;
    private final List<Segment> segments = new ArrayList<>();
    private final List<Integer> needed = new ArrayList<>();
    private int dynamic = -1;
    private int strings;
    private int versions;
    private int versionCount;

    /** What stands at an address when the file is loaded, and where it stands in the file. */
    private record Segment(long address, long bytes, long offset) {}

    /** @throws IllegalArgumentException if it is something else */
    SharedObject(byte[] bytes) {
        file = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        try {
            readSegments();
            readDynamic();
        } catch (IndexOutOfBoundsException | ArithmeticException error) {
            throw new IllegalArgumentException("not a sound shared library", error);
        }
    }

    private void readSegments() {
        if (file.getInt(0) != MAGIC || file.getShort(4) != CLASS_64_LITTLE_ENDIAN) {
            throw new IllegalArgumentException("not a 64-bit little-endian ELF file");
        }
        int at = Math.toIntExact(file.getLong(PROGRAM_HEADERS));
        for (int i = 0; i < file.getShort(PROGRAM_HEADER_COUNT); i++, at += file.getShort(PROGRAM_HEADER_SIZE)) {
            int type = file.getInt(at);
            if (type == LOAD) {
                segments.add(new Segment(file.getLong(at + 16), file.getLong(at + 32), file.getLong(at + 8)));
            } else if (type == DYNAMIC) {
                dynamic = Math.toIntExact(file.getLong(at + 8));
            }
        }
    }

    private void readDynamic() {
        for (int at = dynamic; file.getLong(at) != END; at += ENTRY) {
            long tag = file.getLong(at);
            long value = file.getLong(at + 8);
            if (tag == NEEDED) {
                needed.add(Math.toIntExact(value));
            } else if (tag == STRINGS) {
                strings = offset(value);
            } else if (tag == VERSIONS_NEEDED) {
                versions = offset(value);
            } else if (tag == VERSIONS_NEEDED_COUNT) {
                versionCount = Math.toIntExact(value);
            }
        }
    }

    private int offset(long address) {
        Segment its = segments.stream().filter(segment -> address >= segment.address && address - segment.address < segment.bytes).findFirst()
                .orElseThrow(() -> new IllegalArgumentException("not a sound shared library"));
        return Math.toIntExact(address - its.address + its.offset);
    }

    /** The names of the libraries that it needs. */
    List<String> needed() {
        return needed.stream().map(this::string).toList();
    }

    private String string(int at) {
        int end = strings + at;
        while (file.get(end) != 0) {
            end++;
        }
        return new String(file.array(), strings + at, end - strings - at, StandardCharsets.US_ASCII);
    }

    /**
     * Has it need another library in place of one.
     *
     * @param to a name as long as {@code from}
     * @throws IllegalArgumentException if it does not need {@code from}, or if {@code to} is not as long
     */
    void need(String from, String to) {
        if (from.length() != to.length() || !needed().contains(from)) {
            throw new IllegalArgumentException("cannot need " + to + " in place of " + from + ", only of " + needed());
        }
        List<Integer> places = new ArrayList<>(needed.stream().filter(at -> string(at).equals(from)).toList());
        int library = versions;
        for (int i = 0; i < versionCount; i++, library += file.getInt(library + 12)) {
            if (string(file.getInt(library + 4)).equals(from)) {
                places.add(file.getInt(library + 4));
                int version = library + file.getInt(library + 8);
                for (int j = 0; j < file.getShort(library + 2); j++, version += file.getInt(version + 12)) {
                    if (string(file.getInt(version + 8)).equals(from)) {
                        places.add(file.getInt(version + 8));
                        file.putInt(version, hash(to));
                    }
                }
            }
        }
        places.forEach(at -> file.put(strings + at, to.getBytes(StandardCharsets.US_ASCII)));
    }

    /** The hash of a name in symbol tables. */
    static int hash(String name) {
        int hash = 0;
        for (byte letter : name.getBytes(StandardCharsets.US_ASCII)) {
            hash = (hash << 4) + (letter & 0xFF);
            int high = hash & 0xF0000000;
            hash = (hash ^ high >>> 24) & ~high;
        }
        return hash;
    }
}
