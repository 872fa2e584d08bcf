package coppice.imp.settings;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.databind.DeserializationContext;
import tools.jackson.databind.ValueDeserializer;

/** Reads a path as the file system writes it. */
final class PathReader extends ValueDeserializer<Path> {

    @Override
    public Path deserialize(JsonParser parser, DeserializationContext context) {
        if (parser.currentToken() != JsonToken.VALUE_STRING) {
            return (Path) context.handleUnexpectedToken(Path.class, parser);
        }
        try {
            return Path.of(parser.getString());
        } catch (InvalidPathException e) {
            return (Path) context.handleWeirdStringValue(Path.class, parser.getString(), e.getMessage());
        }
    }
}
