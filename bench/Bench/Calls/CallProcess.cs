using System.Diagnostics;
using System.Globalization;
using SessionCluster.Bench.Rounds;

namespace SessionCluster.Bench.Calls;

/// <summary>A process of bench/Calls, which is built beside this program (artifacts/engine/bin/Calls) and works when it is told to.</summary>
internal sealed class CallProcess : IDisposable
{
    private readonly Process _process;

    private CallProcess(string engine, string[] arguments) => _process = Process.Start(
        new ProcessStartInfo("dotnet", ["exec", Program(engine), .. arguments]) { RedirectStandardInput = true, RedirectStandardOutput = true })!;

    /// <summary>Why there is no Orleans side; null when there is.</summary>
    public static string? OrleansMissing => File.Exists(Program("Orleans"))
        ? null
        : "the Orleans side is not built (dotnet build -c Release bench/Calls -p:Engine=Orleans, where its packages restore)";

    /// <param name="engine">Embedded or Orleans.</param>
    /// <param name="arguments">What it calls.</param>
    public static CallProcess Start(string engine, params string[] arguments) => new(engine, arguments);

    public async Task<Sample> Run(TimeSpan length)
    {
        await _process.StandardInput.WriteLineAsync(length.TotalSeconds.ToString(CultureInfo.InvariantCulture));
        await _process.StandardInput.FlushAsync();
        var rate = await _process.StandardOutput.ReadLineAsync() ?? throw new InvalidOperationException("The other side ended.");
        return new Sample(double.Parse(rate, CultureInfo.InvariantCulture));
    }

    public void Dispose()
    {
        _process.StandardInput.Close();
        _process.WaitForExit();
        _process.Dispose();
    }

    private static string Program(string engine)
    {
        var configuration = Path.GetFileName(Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory));
        return Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "../../../..", engine, "bin/Calls", configuration, "SessionCluster.Calls.dll"));
    }
}
