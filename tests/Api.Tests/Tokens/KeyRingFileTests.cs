using System.Text;
using SessionCluster.Api.Keys;
using SessionCluster.Api.Tokens;

namespace SessionCluster.Api.Tests.Tokens;

public sealed class KeyRingFileTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("sessioncluster-keys-");

    private string FilePath => Path.Combine(_folder.FullName, "data", KeyRingFile.Name);

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public void The_first_start_makes_the_file_and_later_ones_read_it()
    {
        var first = KeyRingFile.ReadOrCreate(FilePath, DateTimeOffset.UnixEpoch);
        var second = KeyRingFile.ReadOrCreate(FilePath, DateTimeOffset.UnixEpoch);
        Assert.Equal(KeyRing.KeyBytes, Assert.Single(first).Length);
        Assert.Equal(first[0], Assert.Single(second));
        Assert.Equal([FilePath], Directory.GetFiles(Path.GetDirectoryName(FilePath)!));
    }

    [Fact]
    public void Only_its_owner_reads_the_file_and_enters_the_folder()
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        KeyRingFile.ReadOrCreate(FilePath, DateTimeOffset.UnixEpoch);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(FilePath));
        Assert.Equal(
            UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute,
            File.GetUnixFileMode(Path.GetDirectoryName(FilePath)!));
    }

    [Fact]
    public async Task Of_many_starts_at_once_all_read_the_same_key()
    {
        var start = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var starts = Enumerable.Range(0, 8).Select(async _ =>
        {
            await start.Task;
            return Convert.ToHexString(KeyRingFile.ReadOrCreate(FilePath, DateTimeOffset.UnixEpoch)[0]);
        }).ToArray();
        start.SetResult();
        Assert.Single((await Task.WhenAll(starts)).Distinct());
    }

    [Theory]
    [InlineData("")]
    [InlineData("nonsense")]
    [InlineData("{}")]
    [InlineData("""{"keys": []}""")]
    [InlineData("""{"keys": [{"secret": "c2hvcnQ="}]}""")]
    [InlineData("""{"keys": [{"secret": 5}]}""")]
    [InlineData("""{"keys": ["AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="]}""")]
    public void A_bad_file_stops_the_start_with_its_name_and_is_left_alone(string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(FilePath)!);
        File.WriteAllText(FilePath, text);
        var exception = Assert.Throws<InvalidDataException>(() => KeyRingFile.ReadOrCreate(FilePath, DateTimeOffset.UnixEpoch));
        Assert.Contains(FilePath, exception.Message, StringComparison.Ordinal);
        Assert.Contains("delete it", exception.Message, StringComparison.Ordinal);
        Assert.Equal(text, File.ReadAllText(FilePath));
    }

    [Theory]
    [InlineData(8, true)]
    [InlineData(9, false)]
    public void A_file_holds_at_most_eight_keys(int count, bool usable)
    {
        var entries = Enumerable.Range(0, count).Select(_ => $$"""{"secret": "{{Convert.ToBase64String(new byte[KeyRing.KeyBytes])}}"}""");
        var text = $$"""{"keys": [{{string.Join(',', entries)}}]}""";
        Assert.Equal(usable, KeyRingFile.Parse(Encoding.UTF8.GetBytes(text)) is not null);
    }

    [Fact]
    public void The_generated_api_key_stays_the_same_and_has_enough_characters()
    {
        var path = Path.Combine(_folder.FullName, GeneratedKeyFile.Name);
        var key = GeneratedKeyFile.ReadOrCreate(path);
        Assert.True(key.Length >= ApiKeyOptions.ShortestBootstrapKey);
        Assert.Equal(key, GeneratedKeyFile.ReadOrCreate(path));
    }

    [Fact]
    public void A_generated_key_that_someone_cut_stops_the_start()
    {
        var path = Path.Combine(_folder.FullName, GeneratedKeyFile.Name);
        File.WriteAllText(path, "short\n");
        Assert.Contains(path, Assert.Throws<InvalidDataException>(() => GeneratedKeyFile.ReadOrCreate(path)).Message, StringComparison.Ordinal);
    }
}
