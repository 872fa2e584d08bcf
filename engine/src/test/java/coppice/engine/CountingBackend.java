package coppice.engine;

import coppice.engine.Product.Face;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;

/** Passes every call on to another backend, and keeps account of its buffers and of the products that it computes. */
final class CountingBackend {

    private final Backend inner;
    private final Set<Buffer> live = Collections.synchronizedSet(Collections.newSetFromMap(new IdentityHashMap<>()));
    private final List<Face> products = new ArrayList<>();
    private final List<String> calls = new ArrayList<>();

    CountingBackend(Backend inner) {
        this.inner = inner;
    }

    /** The backend to compute on. */
    Backend backend() {
        return (Backend) Proxy.newProxyInstance(Backend.class.getClassLoader(), new Class<?>[] {Backend.class},
                (proxy, method, arguments) -> call(method, arguments));
    }

    private Object call(Method method, Object[] arguments) throws Throwable {
        switch (method.getName()) {
            case "release" -> {
                if (!live.remove((Buffer) arguments[0])) {
                    throw new AssertionError("a buffer was released twice, or never allocated");
                }
            }
            case "matmul" -> products.add((Face) arguments[0]);
            default -> { }
        }
        Object result;
        try {
            result = method.invoke(inner, arguments);
        } catch (InvocationTargetException e) {
            throw e.getCause();
        }
        if (result instanceof Buffer buffer) {
            live.add(buffer);
        }
        calls.add(method.getName());
        return result;
    }

    /** How many buffers are allocated and not yet released. */
    int live() {
        return live.size();
    }

    /** The floats in all live buffers. */
    long liveFloats() {
        synchronized (live) {
            return live.stream().mapToLong(Buffer::length).sum();
        }
    }

    /** The faces of all products computed so far, in order. */
    List<Face> products() {
        return products;
    }

    /** How often a method was called. */
    long calls(String method) {
        return calls.stream().filter(method::equals).count();
    }
}
