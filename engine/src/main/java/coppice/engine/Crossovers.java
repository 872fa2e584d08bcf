package coppice.engine;

import java.util.function.DoubleSupplier;

/**
 * The densities up to which a backend multiplies by survivors one by one, and not by a dense weight with zeros, product by product. Where
 * that pays depends on the machine and on the shapes, so a backend measures it; whoever opens the backend remembers it, since the two
 * ways differ in the last bits, and the same run must choose alike when it is resumed or repeated. Backends that are used by threads of
 * their own may share them.
 */
public interface Crossovers {

    /**
     * The density up to which survivors are multiplied one by one.
     *
     * @param product names the backend, the face and the shapes, without commas
     * @param measure measures it, which takes from a fraction of a second to some seconds; not called for what is known
     */
    double upTo(String product, DoubleSupplier measure);
}
