using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Hosting;

namespace SessionCluster.Api.Hosting;

/// <summary>Runs a program of the product from its start to its stop.</summary>
public static class ProgramRun
{
    /// <summary>The exit code. A failed start that an operator can mend is told in one paragraph, without a stack trace.</summary>
    /// <param name="build">Builds the process, not started.</param>
    public static async Task<int> Run(Func<WebApplication> build)
    {
        ArgumentNullException.ThrowIfNull(build);
        WebApplication app;
        try
        {
            app = build();
            if (!await Start(app))
            {
                return 0;
            }
        }
        catch (Exception failure) when (StartFailure.Explain(failure) is { } text)
        {
#pragma warning disable RS0030 // There may be no logger yet, and the process ends here.
            await Console.Error.WriteLineAsync($"SessionCluster did not start:\n  {text}");
#pragma warning restore RS0030
            return 1;
        }

        await using (app)
        {
            await app.WaitForShutdownAsync();
        }

        return 0;
    }

    /// <summary>False when it was told to stop before it had started.</summary>
    private static async Task<bool> Start(WebApplication app)
    {
        try
        {
            await app.StartAsync();
            return true;
        }
        catch (Exception failure)
        {
            var isToldToStop = failure is OperationCanceledException && app.Lifetime.ApplicationStopping.IsCancellationRequested;
            // What has started stops in order: a silo that has joined its cluster leaves it, so that the others need not find out.
            await Stop(app);
            if (isToldToStop)
            {
                return false;
            }

            throw;
        }
    }

    private static async Task Stop(WebApplication app)
    {
        try
        {
            await app.StopAsync();
            await app.DisposeAsync();
        }
        catch (Exception)
        {
            // What is told is why the start failed; the process ends either way.
        }
    }
}
