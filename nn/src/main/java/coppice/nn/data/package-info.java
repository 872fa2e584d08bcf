/**
 * Images with labels: where they come from, and how they reach a training step.
 *
 * <p>Reading order: {@link coppice.nn.data.Dataset} holds bytes and labels; {@link coppice.nn.data.Splits} names which of them
 * are for training, validation and test as {@link coppice.nn.data.View}s; {@link coppice.nn.data.Order} says which images an
 * iteration sees, and {@link coppice.nn.data.Batches} makes them the arrays of a step by a
 * {@link coppice.nn.data.Normalisation}.
 *
 * <p>Data sets come from three places. {@link coppice.nn.data.Strokes} draws digits from a seed and needs nothing.
 * {@link coppice.nn.data.IdxFolder} reads a folder of {@link coppice.nn.data.Idx} files, which is how MNIST and Fashion-MNIST
 * are published. {@link coppice.nn.data.Catalogue} knows where those are, {@link coppice.nn.data.Fetch} downloads them,
 * {@link coppice.nn.data.FolderCheck} says what a folder holds. Whatever is wrong with a file or a download is a
 * {@link coppice.nn.data.DataException}.
 */
package coppice.nn.data;
