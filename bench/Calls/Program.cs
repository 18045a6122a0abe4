using System.Globalization;
using SessionCluster.Calls;

// Each line of input is a number of seconds; the answer is how many calls a second were made for that long.
await using var target = await CallTarget.Start();
while (await Console.In.ReadLineAsync() is { } line)
{
    var rate = await Callers.Run(target.Call, TimeSpan.FromSeconds(double.Parse(line, CultureInfo.InvariantCulture)));
    Console.WriteLine(rate.ToString("F0", CultureInfo.InvariantCulture));
}
