using Microsoft.Extensions.Options;
using SessionCluster.Silo.Hosting;
using SessionCluster.Silo.Storage;

try
{
    await SiloHost.Build(args).RunAsync();
    return 0;
}
catch (Exception failure) when (failure is OptionsValidationException or DataFolderException or InvalidDataException or IOException)
{
#pragma warning disable RS0030 // There may be no logger yet, and the process ends here.
    // What an operator can mend is told in one paragraph, without a stack trace.
    var text = failure is OptionsValidationException settings ? string.Join("\n  ", settings.Failures) : failure.Message;
    await Console.Error.WriteLineAsync($"SessionCluster did not start:\n  {text}");
#pragma warning restore RS0030
    return 1;
}
