using SessionCluster.Silo.Hosting;

try
{
    await SiloHost.Build(args).RunAsync();
    return 0;
}
catch (Exception failure) when (StartFailure.Explain(failure) is { } text)
{
    // What an operator can mend is told in one paragraph, without a stack trace.
    await Console.Error.WriteLineAsync($"SessionCluster did not start:\n  {text}");
    return 1;
}
