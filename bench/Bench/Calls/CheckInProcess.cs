using System.Diagnostics;
using System.Globalization;
using SessionCluster.Bench.Rounds;

namespace SessionCluster.Bench.Calls;

/// <summary>A check without HTTP, on the embedded engine, against an empty grain call on Orleans: two processes that work in turns.</summary>
internal sealed class CheckInProcess : IComparison
{
    private static readonly string Embedded = Program("Embedded");

    private static readonly string Orleans = Program("Orleans");

    public string Name => "calls";

    public string Goal => "a check of a session in this process against Orleans' local call of an empty grain: at least 4 times";

    public string? Missing => File.Exists(Orleans)
        ? null
        : "the Orleans side is not built (dotnet build -c Release bench/Calls -p:Engine=Orleans, where its packages restore)";

    public async Task Run(Runner runner, Report report)
    {
        using var ours = new CallProcess(Embedded);
        using var theirs = new CallProcess(Orleans);
        var medians = await runner.Alternate(new Side("check, embedded", ours.Run), new Side("empty call, Orleans", theirs.Run));
        report.AtLeast(Name, "calls/s, 64 callers", medians[0].PerSecond, medians[1].PerSecond, 4);
    }

    // Both are built beside this program: artifacts/<engine>/bin/Calls.
    private static string Program(string engine)
    {
        var configuration = Path.GetFileName(Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory));
        return Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "../../../..", engine, "bin/Calls", configuration, "SessionCluster.Calls.dll"));
    }

    private sealed class CallProcess(string program) : IDisposable
    {
        private readonly Process _process = Process.Start(
            new ProcessStartInfo("dotnet", ["exec", program]) { RedirectStandardInput = true, RedirectStandardOutput = true })!;

        public async Task<Sample> Run(TimeSpan length)
        {
            await _process.StandardInput.WriteLineAsync(length.TotalSeconds.ToString(CultureInfo.InvariantCulture));
            await _process.StandardInput.FlushAsync();
            var rate = await _process.StandardOutput.ReadLineAsync() ?? throw new InvalidOperationException($"{program} ended.");
            return new Sample(double.Parse(rate, CultureInfo.InvariantCulture));
        }

        public void Dispose()
        {
            _process.StandardInput.Close();
            _process.WaitForExit();
            _process.Dispose();
        }
    }
}
