package coppice.engine;

/** Makes {@link Reference} available everywhere, as the last choice. */
final class ReferenceProvider implements BackendProvider {

    @Override
    public String name() {
        return "reference";
    }

    @Override
    public int preference() {
        return 0;
    }

    @Override
    public String description() {
        return "plain loops on one thread, for checking the others";
    }

    @Override
    public boolean isAvailable() {
        return true;
    }

    @Override
    public Backend open(int threads) {
        return new Reference();
    }
}
