using System.Diagnostics;
using System.Globalization;
using SessionCluster.Bench.Rounds;

namespace SessionCluster.Bench.Stock;

/// <summary>A <see cref="StockApplication"/> in a process of its own, which works when it is told to.</summary>
internal sealed class StockProcess : IDisposable
{
    private readonly Process _process;

    private StockProcess(string[] arguments) => _process = Process.Start(new ProcessStartInfo(
        "dotnet", ["exec", typeof(StockProcess).Assembly.Location, "stock", .. arguments]) { RedirectStandardInput = true, RedirectStandardOutput = true })!;

    /// <param name="arguments">Which application; see <see cref="StockApplication.Start"/>.</param>
    public static StockProcess Start(params string[] arguments) => new(arguments);

    /// <summary>The process' side: each line of input is a number of seconds; the answer is how many logins a second were made for that long.</summary>
    public static async Task WorkHere(string[] arguments)
    {
        await using var application = await StockApplication.Start(arguments);
        while (await Console.In.ReadLineAsync() is { } line)
        {
            var sample = await Load.Run(TimeSpan.FromSeconds(double.Parse(line, CultureInfo.InvariantCulture)), _ => application.LogIn());
            Console.WriteLine(sample.PerSecond.ToString("F0", CultureInfo.InvariantCulture));
        }
    }

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
}
