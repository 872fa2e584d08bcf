package coppice.imp.settings;

/** Settings that cannot be used; the message names the file or the override, the key, what it was and what is accepted. */
public final class SettingsException extends RuntimeException {

    public SettingsException(String message) {
        super(message);
    }
}
