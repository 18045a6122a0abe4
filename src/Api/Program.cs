using SessionCluster.Api.Hosting;

try
{
    await ApiHost.Build(args).RunAsync();
    return 0;
}
catch (Exception failure) when (StartFailure.Explain(failure) is { } text)
{
    // What an operator can mend is told in one paragraph, without a stack trace.
#pragma warning disable RS0030 // There may be no logger yet, and the process ends here.
    await Console.Error.WriteLineAsync($"SessionCluster did not start:\n  {text}");
#pragma warning restore RS0030
    return 1;
}
