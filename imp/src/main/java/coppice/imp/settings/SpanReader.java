package coppice.imp.settings;

import coppice.nn.Span;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.databind.DeserializationContext;
import tools.jackson.databind.ValueDeserializer;

/** Reads {@code 160ep}, {@code 500it}, {@code 2ep500it}. */
final class SpanReader extends ValueDeserializer<Span> {

    @Override
    public Span deserialize(JsonParser parser, DeserializationContext context) {
        if (parser.currentToken() != JsonToken.VALUE_STRING) {
            return (Span) context.handleUnexpectedToken(Span.class, parser);
        }
        try {
            return Span.parse(parser.getString());
        } catch (IllegalArgumentException e) {
            return (Span) context.handleWeirdStringValue(Span.class, parser.getString(), e.getMessage());
        }
    }
}
