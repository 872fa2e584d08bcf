/**
 * Coppice beside libtorch: each layer, each loss and each family of models computes in both from the same values, ours in single
 * precision and theirs in double. Libtorch's own single precision is the yardstick: what it is off is rounding.
 *
 * <p>Read: {@link coppice.bench.peers.Subject}, what is compared and what it is drawn from, and {@link coppice.bench.peers.Subjects}, the
 * list; {@link coppice.bench.peers.Peer}, who can be asked, which is {@link coppice.bench.peers.Coppice} or
 * {@link coppice.bench.peers.Libtorch}; {@link coppice.bench.peers.TorchNetwork}, the dictionary from our layers to their functions;
 * {@link coppice.bench.peers.Comparison}, how errors are measured and how large they may be.
 *
 * <p>{@link coppice.bench.peers.OpenBlasProduct}, {@link coppice.bench.peers.TorchProduct} and {@link
 * coppice.bench.peers.TorchConvolution} are benchmarks for {@code bench/run --peers}, beside those of {@link coppice.bench}.
 *
 * <p>Compiled and run only with the profile {@code peers}, which is for Linux on x86-64:
 * {@code mvn -ntp -B -Ppeers -pl bench -am verify -Dtest='*PeersTest' -Dsurefire.failIfNoSpecifiedTests=false} for the comparison.
 */
package coppice.bench.peers;
