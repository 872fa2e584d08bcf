package coppice.imp.store;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.stream.Stream;

/** A SHA-256 sum. */
public record Sha256(byte[] bytes) {

    /** The sum of some parts, one after the other. */
    public static Sha256 of(Stream<byte[]> parts) {
        MessageDigest digest = start();
        parts.forEachOrdered(digest::update);
        return new Sha256(digest.digest());
    }

    public static Sha256 of(String text) {
        return of(Stream.of(text.getBytes(StandardCharsets.UTF_8)));
    }

    /** A sum that has seen nothing yet. */
    static MessageDigest start() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every Java platform has SHA-256", e);
        }
    }

    /** In hexadecimal, 64 digits. */
    public String hex() {
        return HexFormat.of().formatHex(bytes);
    }
}
