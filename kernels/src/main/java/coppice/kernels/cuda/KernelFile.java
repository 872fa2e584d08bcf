package coppice.kernels.cuda;

/** The kernels of one .cu file, which stands beside the class that runs them and has its name. */
final class KernelFile {

    private final Device device;
    private final String name;

    KernelFile(Device device, Class<?> launcher) {
        this.device = device;
        this.name = launcher.getSimpleName();
    }

    /** Runs a kernel, unless there is nothing to do. @param arguments as {@link Arguments} takes them */
    void run(String kernel, Grid grid, Object... arguments) {
        if (!grid.isEmpty()) {
            device.launch(new Launch(name, kernel, grid, arguments));
        }
    }
}
