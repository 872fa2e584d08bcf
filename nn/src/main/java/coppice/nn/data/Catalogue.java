package coppice.nn.data;

import java.net.URI;
import java.util.List;
import java.util.stream.Collectors;

/** The data sets that can be fetched by name. */
public record Catalogue(List<Entry> entries) {

    /** Where each is published, with the MD5 sums its publishers give. */
    public static final Catalogue PUBLISHED = new Catalogue(List.of(
            new Entry("mnist", "handwritten digits, 60,000 + 10,000 images of 28×28 in 10 classes",
                    URI.create("https://ossci-datasets.s3.amazonaws.com/mnist/"),
                    List.of(
                            new RemoteFile("train-images-idx3-ubyte.gz", 9_912_422, "f68b3c2dcbeaaa9fbdd348bbdeb94873"),
                            new RemoteFile("train-labels-idx1-ubyte.gz", 28_881, "d53e105ee54ea40749a09fcbcd1e9432"),
                            new RemoteFile("t10k-images-idx3-ubyte.gz", 1_648_877, "9fb629c4189551a2d022fa330f9573f3"),
                            new RemoteFile("t10k-labels-idx1-ubyte.gz", 4_542, "ec29112dd5afa0611ce80d1b7f02629c"))),
            new Entry("fashion-mnist", "pictures of clothing, 60,000 + 10,000 images of 28×28 in 10 classes",
                    URI.create("http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/"),
                    List.of(
                            new RemoteFile("train-images-idx3-ubyte.gz", 26_421_880, "8d4fb7e6c68d591d4c3dfef9ec88bf0d"),
                            new RemoteFile("train-labels-idx1-ubyte.gz", 29_515, "25c81989df183df01b3e8a0aad5dffbe"),
                            new RemoteFile("t10k-images-idx3-ubyte.gz", 4_422_102, "bef4ecab320f06d8554ea6380940ec79"),
                            new RemoteFile("t10k-labels-idx1-ubyte.gz", 5_148, "bb300cfdad3c16e7a12a480ee83cd310"))),
            new Entry(CifarFolder.CIFAR_10, "colour photographs, 50,000 + 10,000 images of 32×32 in 10 classes",
                    URI.create("https://www.cs.toronto.edu/~kriz/"),
                    List.of(new RemoteFile("cifar-10-binary.tar.gz", 170_052_171, "c32a1d4ab5d03f1284b67883e8d87530",
                            List.of(
                                    new Member("data_batch_1.bin", 30_730_000),
                                    new Member("data_batch_2.bin", 30_730_000),
                                    new Member("data_batch_3.bin", 30_730_000),
                                    new Member("data_batch_4.bin", 30_730_000),
                                    new Member("data_batch_5.bin", 30_730_000),
                                    new Member("test_batch.bin", 30_730_000))))),
            new Entry(CifarFolder.CIFAR_100, "colour photographs, 50,000 + 10,000 images of 32×32 in 100 classes",
                    URI.create("https://www.cs.toronto.edu/~kriz/"),
                    List.of(new RemoteFile("cifar-100-binary.tar.gz", 168_513_733, "03b5dce01913d631647c71ecec9e9cb8",
                            List.of(
                                    new Member("train.bin", 153_700_000),
                                    new Member("test.bin", 30_740_000)))))));

    /**
     * One data set.
     *
     * @param about one line for a listing
     * @param address the folder its files stand in, ending with a slash
     */
    public record Entry(String name, String about, URI address, List<RemoteFile> files) {

        public Entry {
            if (!address.isAbsolute() || !address.getPath().endsWith("/")) {
                throw new IllegalArgumentException("catalogue: the address of " + name
                        + " must be absolute and end with a slash, got " + address);
            }
        }

        /** The same data set at another address: a mirror. */
        public Entry at(URI mirror) {
            return new Entry(name, about, mirror, files);
        }

        /** The size of all files in bytes. */
        public long bytes() {
            return files.stream().mapToLong(RemoteFile::bytes).sum();
        }
    }

    /**
     * One file of a data set.
     *
     * @param bytes its length
     * @param md5 its MD5 sum in lower-case hexadecimal; it tells a damaged download, it is no protection against malice
     * @param members what is to be unpacked from it, a {@code .tar.gz} archive; none if it is used as it is
     */
    public record RemoteFile(String name, long bytes, String md5, List<Member> members) {

        /** The first character keeps a name from being hidden or a folder, the others from leaving its folder. */
        private static final String PLAIN = "[A-Za-z0-9][A-Za-z0-9._-]*";

        public RemoteFile(String name, long bytes, String md5) {
            this(name, bytes, md5, List.of());
        }

        public RemoteFile {
            if (!name.matches(PLAIN) || bytes < 1 || !md5.matches("[0-9a-f]{32}")) {
                throw new IllegalArgumentException("catalogue: a file has a plain name, at least 1 byte and an MD5 sum of 32"
                        + " hexadecimal digits, got " + name + ", " + bytes + ", " + md5);
            }
        }
    }

    /**
     * One file within an archive.
     *
     * @param name without the folders it stands in
     * @param bytes its length
     */
    public record Member(String name, long bytes) {

        public Member {
            if (!name.matches(RemoteFile.PLAIN) || bytes < 1) {
                throw new IllegalArgumentException("catalogue: a file in an archive has a plain name and at least 1 byte, got "
                        + name + ", " + bytes);
            }
        }
    }

    /** @throws DataException if there is none of this name, listing those there are */
    public Entry named(String name) {
        return entries.stream().filter(entry -> entry.name().equals(name)).findFirst()
                .orElseThrow(() -> new DataException("data: no data set is named " + name + ", expected "
                        + entries.stream().map(Entry::name).collect(Collectors.joining(", "))));
    }
}
