package coppice.nn.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import coppice.nn.data.Catalogue.Entry;
import coppice.nn.data.Catalogue.Member;
import coppice.nn.data.Catalogue.RemoteFile;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class CatalogueTest {

    @Test
    void findsByNameAndListsTheNames() {
        Entry entry = Catalogue.PUBLISHED.named("mnist");
        assertEquals(11_594_722, entry.bytes());
        assertEquals("https://ossci-datasets.s3.amazonaws.com/mnist/train-images-idx3-ubyte.gz",
                entry.address().resolve(entry.files().getFirst().name()).toString());
        assertEquals("data: no data set is named minst, expected mnist, fashion-mnist, cifar-10, cifar-100",
                assertThrows(DataException.class, () -> Catalogue.PUBLISHED.named("minst")).getMessage());
    }

    @Test
    void refusesNamesThatLeaveTheFolder() {
        assertEquals("catalogue: a file has a plain name, at least 1 byte and an MD5 sum of 32 hexadecimal digits, got ../x,"
                        + " 1, 00000000000000000000000000000000",
                assertThrows(IllegalArgumentException.class, () -> new RemoteFile("../x", 1, "0".repeat(32))).getMessage());
        assertEquals("catalogue: a file in an archive has a plain name and at least 1 byte, got .x, 1",
                assertThrows(IllegalArgumentException.class, () -> new Member(".x", 1)).getMessage());
        assertEquals("catalogue: the address of x must be absolute and end with a slash, got http://localhost/x",
                assertThrows(IllegalArgumentException.class,
                        () -> new Entry("x", "", URI.create("http://localhost/x"), List.of())).getMessage());
    }

    @Test
    void theCacheStandsWhereTheSystemKeepsSuchThings() {
        Path home = Path.of("/home/ada");
        assertEquals(Path.of("/home/ada/.cache/coppice/data"), UserCache.usual("Linux", home, Map.of()).root());
        assertEquals(Path.of("/home/ada/.cache/coppice/data"),
                UserCache.usual("Linux", home, Map.of("XDG_CACHE_HOME", "here")).root());
        assertEquals(Path.of("/big/coppice/data"),
                UserCache.usual("Linux", home, Map.of("XDG_CACHE_HOME", Path.of("/big").toAbsolutePath().toString())).root());
        assertEquals(Path.of("/home/ada/Library/Caches/coppice/data"),
                UserCache.usual("Mac OS X", home, Map.of()).root());
        assertEquals(Path.of("/local/coppice/cache/data"),
                UserCache.usual("Windows 11", home, Map.of("LOCALAPPDATA", "/local")).root());
        assertEquals(Path.of("/big/mnist"), new UserCache(Path.of("/big")).folder(Catalogue.PUBLISHED.named("mnist")));
    }
}
