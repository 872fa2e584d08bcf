package coppice.kernels.cuda;

import coppice.engine.Mask;
import java.lang.ref.Reference;
import java.lang.ref.ReferenceQueue;
import java.lang.ref.WeakReference;
import java.util.HashMap;
import java.util.Map;

/** The masks whose indices stand on a device: from their first use until nobody has the mask any more. */
final class DeviceMasks {

    private final Device device;
    private final DeviceMemory memory;
    private final Map<Key, DeviceMask> masks = new HashMap<>();
    private final ReferenceQueue<Mask> unreachable = new ReferenceQueue<>();

    /** The same mask, not an equal one: comparing their positions would take longer than many a kernel. */
    private static final class Key extends WeakReference<Mask> {

        private final int hash;

        Key(Mask mask, ReferenceQueue<Mask> queue) {
            super(mask, queue);
            this.hash = System.identityHashCode(mask);
        }

        @Override
        public boolean equals(Object other) {
            return this == other || other instanceof Key key && key.get() != null && key.get() == get();
        }

        @Override
        public int hashCode() {
            return hash;
        }
    }

    DeviceMasks(Device device, DeviceMemory memory) {
        this.device = device;
        this.memory = memory;
    }

    DeviceMask of(Mask mask) {
        for (Reference<? extends Mask> gone = unreachable.poll(); gone != null; gone = unreachable.poll()) {
            DeviceMask indices = masks.remove(gone);
            if (indices != null) {
                indices.close();
            }
        }
        DeviceMask known = masks.get(new Key(mask, null));
        if (known == null) {
            known = new DeviceMask(device, memory, mask);
            masks.put(new Key(mask, unreachable), known);
        }
        return known;
    }
}
