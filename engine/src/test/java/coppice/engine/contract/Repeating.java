package coppice.engine.contract;

import coppice.engine.Backend;
import coppice.engine.Backend.Adam;
import coppice.engine.Backend.Recording;
import coppice.engine.Backend.Sgd;
import coppice.engine.Buffer;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * A backend as seen by a program whose kernels are replayed: each is recorded on other values, and then replayed on those that it is called
 * with. So a kernel that does part of its work, or decides anything, outside of what is recorded has wrong results.
 */
final class Repeating {

    private static final Set<String> NO_KERNELS = Set.of("name", "toString", "allocate", "release", "write", "read", "finish", "beside", "record", "close");

    private final Backend backend;
    private int kernels;
    private int replays;

    Repeating(Backend backend) {
        this.backend = backend;
    }

    /** Calls of kernels. */
    int kernels() {
        return kernels;
    }

    /** Those that could be replayed; the others were just called. */
    int replays() {
        return replays;
    }

    Backend asBackend() {
        return (Backend) Proxy.newProxyInstance(Backend.class.getClassLoader(), new Class<?>[] {Backend.class}, (proxy, method, arguments) ->
                NO_KERNELS.contains(method.getName()) ? call(method, arguments) : kernel(method, arguments));
    }

    private Object kernel(Method method, Object[] arguments) {
        kernels++;
        List<Buffer> buffers = buffers(arguments);
        List<float[]> values = buffers.stream().map(this::values).toList();
        call(method, arguments);                            // what it keeps of a mask it makes at the first call
        for (Buffer buffer : buffers) {
            backend.fill(buffer, 0.25f);
            values(buffer);                                 // as it is when it was read and written by the program
        }
        Recording recording = backend.record(() -> {
            call(method, arguments);
            buffers.forEach(backend::finish);
        });
        write(buffers, values);
        if (recording.replay()) {
            replays++;
        } else {
            call(method, arguments);
        }
        return null;
    }

    private static List<Buffer> buffers(Object[] arguments) {
        var buffers = new ArrayList<Buffer>();
        for (Object argument : arguments) {
            Object own = switch (argument) {
                case Sgd step -> step.rate();
                case Adam step -> step.scales();
                case null, default -> argument;
            };
            if (own instanceof Buffer buffer && !buffers.contains(buffer)) {
                buffers.add(buffer);
            }
        }
        return buffers;
    }

    private float[] values(Buffer buffer) {
        float[] values = new float[buffer.length()];
        backend.read(buffer, values, values.length);
        return values;
    }

    private void write(List<Buffer> buffers, List<float[]> values) {
        for (int i = 0; i < buffers.size(); i++) {
            backend.write(buffers.get(i), values.get(i), values.get(i).length);
        }
    }

    private Object call(Method method, Object[] arguments) {
        try {
            return method.invoke(backend, arguments);
        } catch (InvocationTargetException error) {
            if (error.getCause() instanceof RuntimeException cause) {
                throw cause;
            }
            throw new AssertionError(error.getCause());
        } catch (IllegalAccessException error) {
            throw new AssertionError(error);
        }
    }
}
