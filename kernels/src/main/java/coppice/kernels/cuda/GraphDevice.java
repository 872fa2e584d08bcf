package coppice.kernels.cuda;

import java.util.List;

/** A device that can make itself ready for many launches at once. */
interface GraphDevice extends Device {

    /** Makes launches ready that shall run one after the other; null if it has no room for them. @param launches at least one */
    Graph graph(List<Launch> launches);
}
