using SessionCluster.Api.Hosting;
using SessionCluster.Silo.Hosting;

try
{
    await SiloHost.Build(args).RunAsync();
    // A lost lock on the database ends the process as a failure.
    return Environment.ExitCode;
}
catch (Exception failure) when (StartFailure.Explain(failure) is { } text)
{
    // What an operator can mend is told in one paragraph, without a stack trace.
#pragma warning disable RS0030 // There may be no logger yet, and the process ends here.
    await Console.Error.WriteLineAsync($"SessionCluster did not start:\n  {text}");
#pragma warning restore RS0030
    return 1;
}
