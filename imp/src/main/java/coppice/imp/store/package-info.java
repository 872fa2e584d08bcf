/**
 * The files of a run: where they lie, what stands in them, and how they appear and are checked.
 *
 * <p>Read {@link coppice.imp.store.RunFolder} first, for the layout; then {@link coppice.imp.store.Safetensors} (weights and
 * masks), {@link coppice.imp.store.Results} and {@link coppice.imp.store.LearningCurve} (tables), and
 * {@link coppice.imp.store.AtomicFile}, through which every one of them is written. A file that is damaged or not what it should
 * be is refused with a {@link coppice.imp.store.StoreException}.
 */
package coppice.imp.store;
