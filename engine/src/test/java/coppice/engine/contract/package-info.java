/**
 * The contract of a backend as a test: every kernel of every backend that can be used here against the plain loops of
 * {@link coppice.engine.Reference}, on drawn operands of odd sizes. A new method of {@link coppice.engine.Backend} is one more line
 * in {@code Kernels}. And programs of many kernels, drawn at random, whose results are put off, overwritten, released and recorded:
 * {@code RandomProgramTest}.
 */
package coppice.engine.contract;
