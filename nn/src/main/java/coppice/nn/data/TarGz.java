package coppice.nn.data;

import coppice.nn.data.Catalogue.Member;
import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;

/**
 * A gzip-compressed tar archive (POSIX ustar), from which some known files are wanted. Only regular files are taken, only those
 * on the list, and only under the last part of their name, so that no archive can write anywhere else; everything else in it
 * (folders, links, extended headers) is passed over.
 */
record TarGz(Path file) {

    private static final int BLOCK = 512;
    private static final int NAME_BYTES = 100;
    private static final int SIZE = 124;
    private static final int SIZE_BYTES = 12;
    private static final int SUM = 148;
    private static final int SUM_BYTES = 8;
    private static final int TYPE = 156;

    /**
     * Writes the members into the folder, each under its own name only when it is complete. Reads no further than the last of
     * them.
     *
     * @throws DataException if the archive is damaged, lacks a member, or has it in another length
     */
    void unpack(List<Member> members, Path folder) {
        List<Member> wanted = new ArrayList<>(members);
        try (InputStream in = new GZIPInputStream(new BufferedInputStream(Files.newInputStream(file), 1 << 16), 1 << 16)) {
            byte[] header = new byte[BLOCK];
            while (!wanted.isEmpty() && in.readNBytes(header, 0, BLOCK) == BLOCK && header[0] != 0) {
                checkSum(header);
                long size = octal(header, SIZE, SIZE_BYTES);
                Member member = regular(header) ? named(header, wanted) : null;
                if (member == null) {
                    in.skipNBytes(size);
                } else if (size == member.bytes()) {
                    write(in, member, folder);
                    wanted.remove(member);
                } else {
                    throw new DataException(file + ": has " + member.name() + " with " + size + " bytes, expected "
                            + member.bytes());
                }
                in.skipNBytes((BLOCK - size % BLOCK) % BLOCK);
            }
        } catch (EOFException | ZipException e) {
            throw new DataException(file + ": damaged, not a sound tar.gz archive (" + e.getMessage()
                    + "); fetch the file again", e);
        } catch (IOException e) {
            throw new DataException(file + ": cannot be unpacked into " + folder + " (" + e + ")", e);
        }
        if (!wanted.isEmpty()) {
            throw new DataException(file + ": has no file "
                    + wanted.stream().map(Member::name).collect(Collectors.joining(", ")));
        }
    }

    private static boolean regular(byte[] header) {
        return header[TYPE] == '0' || header[TYPE] == 0;
    }

    private static Member named(byte[] header, List<Member> wanted) {
        int length = 0;
        while (length < NAME_BYTES && header[length] != 0) {
            length++;
        }
        String name = new String(header, 0, length, StandardCharsets.ISO_8859_1);
        String last = name.substring(name.lastIndexOf('/') + 1);
        return wanted.stream().filter(member -> member.name().equals(last)).findFirst().orElse(null);
    }

    private static void write(InputStream in, Member member, Path folder) throws IOException {
        Path part = folder.resolve(member.name() + ".part");
        try (OutputStream out = Files.newOutputStream(part)) {
            byte[] chunk = new byte[1 << 16];
            for (long left = member.bytes(); left > 0;) {
                int count = in.read(chunk, 0, (int) Math.min(left, chunk.length));
                if (count < 0) {
                    throw new EOFException("it ends within " + member.name());
                }
                out.write(chunk, 0, count);
                left -= count;
            }
        } catch (IOException e) {
            Files.deleteIfExists(part);
            throw e;
        }
        Files.move(part, folder.resolve(member.name()), StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    /** The sum of all bytes of a header, its own field counted as spaces, stands in the header. */
    private static void checkSum(byte[] header) throws ZipException {
        long sum = 0;
        for (int i = 0; i < BLOCK; i++) {
            sum += i >= SUM && i < SUM + SUM_BYTES ? ' ' : Byte.toUnsignedInt(header[i]);
        }
        long stated = octal(header, SUM, SUM_BYTES);
        if (sum != stated) {
            throw new ZipException("a header's check sum is " + stated + ", its bytes give " + sum);
        }
    }

    private static long octal(byte[] header, int first, int length) throws ZipException {
        String digits = new String(header, first, length, StandardCharsets.ISO_8859_1).replace('\0', ' ').trim();
        if (!digits.matches("[0-7]{1,12}")) {
            throw new ZipException("a header has no octal number at byte " + first);
        }
        return Long.parseLong(digits, 8);
    }
}
