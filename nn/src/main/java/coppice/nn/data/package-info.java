/**
 * Images with labels: where they come from, and how they reach a training step.
 *
 * <p>Reading order: {@link coppice.nn.data.Dataset} holds bytes and labels, the usual {@link coppice.nn.data.Images};
 * {@link coppice.nn.data.Splits} names which of them are for training, validation and test as {@link coppice.nn.data.View}s;
 * {@link coppice.nn.data.Order} says which images an iteration sees, and {@link coppice.nn.data.Batches} makes them the arrays
 * of a step by a {@link coppice.nn.data.Normalisation}, changed at random by an {@link coppice.nn.data.Augmentation} if one is
 * wanted, and ahead of the step with a {@link coppice.nn.data.Prefetch}.
 *
 * <p>Data sets come from several places. {@link coppice.nn.data.Strokes} and {@link coppice.nn.data.StrokesRgb} draw digits
 * from a seed and need nothing. {@link coppice.nn.data.IdxFolder} reads a folder of {@link coppice.nn.data.Idx} files, which is
 * how MNIST and Fashion-MNIST are published, {@link coppice.nn.data.CifarFolder} one of CIFAR-10 or CIFAR-100.
 * {@link coppice.nn.data.Catalogue} knows where those are, {@link coppice.nn.data.Fetch} downloads them and unpacks what is a
 * {@link coppice.nn.data.TarGz} archive, {@link coppice.nn.data.FolderCheck} says what a folder holds. Pictures that do not fit
 * into memory are {@link coppice.nn.data.ImageFiles} of an {@link coppice.nn.data.ImageFolder}, decoded batch by batch from
 * {@link coppice.nn.data.PictureFile}s. Whatever is wrong with a file or a download is a
 * {@link coppice.nn.data.DataException}.
 */
package coppice.nn.data;
