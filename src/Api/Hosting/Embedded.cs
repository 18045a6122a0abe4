namespace SessionCluster.Api.Hosting;

/// <summary>Files that are part of the program.</summary>
internal static class Embedded
{
    /// <summary>The content of one, by its name in the assembly.</summary>
    public static byte[] Bytes(string name)
    {
        using var stream = typeof(Embedded).Assembly.GetManifestResourceStream(name)!;
        var bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return bytes;
    }
}
