using System.Globalization;
using SessionCluster.Calls;

// Without arguments checks or empty calls; on Orleans also logins, by the kind of database and where it is.
// Each line of input is a number of seconds; the answer is how many calls a second were made for that long.
await using var target = await Target.Start(args);
while (await Console.In.ReadLineAsync() is { } line)
{
    var rate = await Callers.Run(target, TimeSpan.FromSeconds(double.Parse(line, CultureInfo.InvariantCulture)));
    Console.WriteLine(rate.ToString("F0", CultureInfo.InvariantCulture));
}
