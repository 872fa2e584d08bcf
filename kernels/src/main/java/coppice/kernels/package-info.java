/**
 * Backends that are fast: {@link coppice.kernels.cpu} on the Vector API, {@link coppice.kernels.cuda} on an NVIDIA GPU. Each implements the contract of
 * {@link coppice.engine.Backend}, is found by {@link java.util.ServiceLoader}, and may be faster than
 * {@link coppice.engine.Reference} but never mean something else. Up to which density a product is made of its survivors alone, both ask
 * {@link coppice.kernels.Crossover}.
 */
package coppice.kernels;
