using SessionCluster.Api.Hosting;
using SessionCluster.Bench;
using SessionCluster.Bench.Http;
using SessionCluster.Bench.Rounds;
using SessionCluster.Bench.Stock;
using SessionCluster.Silo.Hosting;

// What is measured runs in processes of its own, which are this program too.
if (args is ["server", ..])
{
    await MeasuredHost.Run(SiloHost.Build(args[1..]));
    return 0;
}

if (args is ["api", ..])
{
    await MeasuredHost.Run(ApiHost.Build(args[1..]));
    return 0;
}

if (args is ["stock", ..])
{
    await StockProcess.WorkHere(args[1..]);
    return 0;
}

if (CommandLine.Parse(args) is not { } line)
{
    await Console.Error.WriteLineAsync(CommandLine.Usage);
    return 1;
}

var chosen = Catalog.All.Where(comparison => line.Chooses(comparison.Name)).ToList();
if (line.OnlyList || chosen.Count == 0)
{
    Catalog.All.ToList().ForEach(comparison => Console.WriteLine($"{comparison.Name,-12} {comparison.Goal}"));
    return line.OnlyList ? 0 : 1;
}

var report = new Report();
foreach (var comparison in chosen)
{
    Console.WriteLine($"{comparison.Name}: {comparison.Goal}");
    if (comparison.Missing is { } missing)
    {
        report.Skip(comparison.Name, missing);
        continue;
    }

    await comparison.Run(line.Runner, report);
}

report.Print(Console.Out);
return 0;
