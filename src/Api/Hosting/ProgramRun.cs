using Microsoft.AspNetCore.Builder;

namespace SessionCluster.Api.Hosting;

/// <summary>Runs a program of the product from its start to its stop.</summary>
public static partial class ProgramRun
{
    /// <summary>How much longer than the host's own limit a stop may take.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(2);

    /// <summary>
    /// The exit code: 1 when it did not start, or could not stop in time. A failed start that an operator can mend is told in one paragraph, without a stack trace. <c>--help</c> and
    /// <c>--version</c> are answered, and start nothing.
    /// </summary>
    /// <param name="build">Builds the process, not started.</param>
    public static async Task<int> Run(string[] args, Func<string[], WebApplication> build)
    {
        if (Answer(args) is { } answer)
        {
#pragma warning disable RS0030 // What was asked for is not a log.
            await Console.Out.WriteLineAsync(answer);
#pragma warning restore RS0030
            return 0;
        }

        if (StartFailure.TooFewFiles() is { } tooFew)
        {
            return NotStarted(tooFew);
        }

        WebApplication app;
        try
        {
            app = build(args);
            LogVersion(app.Logger, ProgramVersion.Text);
            if (!await Start(app))
            {
                return 0;
            }
        }
        catch (Exception failure) when (StartFailure.Explain(failure) is { } text)
        {
            return NotStarted(text);
        }

        return await Serve(app) ? 0 : 1;
    }

    private static int NotStarted(string why)
    {
#pragma warning disable RS0030 // There may be no logger yet, and the process ends here.
        Console.Error.Write($"SessionCluster did not start:\n  {why}\n");
#pragma warning restore RS0030
        return 1;
    }

    private static string? Answer(string[] args) =>
        args.Any(arg => arg is "--version") ? $"SessionCluster {ProgramVersion.Text}"
        : !args.Any(arg => arg is "--help" or "-h" or "-?") ? null
        : $"""
            SessionCluster {ProgramVersion.Text}: sessions that can be bound, listed and ended everywhere at once.

            Settings come from appsettings.json beside the program, from the environment (__ for :), and from here, as
              --urls http://localhost:8080 --Data:Path ./data
            docs/settings.md says what each of them means (* is a place in a list, from 0):
              {string.Join("\n  ", KnownSettings.All)}

            --version says the version, --help this. Both start nothing.
            """;

    [LoggerMessage(3141, LogLevel.Information, "SessionCluster {Version} starts.")]
    private static partial void LogVersion(ILogger logger, string version);

    [LoggerMessage(
        3142, LogLevel.Warning,
        "Stopping has taken {Seconds} seconds, as it does when the database is away; the process ends now. Nothing that was answered is lost; a last use may be, and other members take "
        + "this one for dead when it no longer answers.")]
    private static partial void LogLate(ILogger logger, double seconds);

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

    /// <summary>
    /// Serves until it is told to stop; false when stopping took longer than it may. (A silo whose database is away tries for two minutes to
    /// say there that it leaves.)
    /// </summary>
    private static async Task<bool> Serve(WebApplication app)
    {
        var limit = app.Services.GetRequiredService<IOptions<HostOptions>>().Value.ShutdownTimeout + Grace;
        var told = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var registration = app.Lifetime.ApplicationStopping.Register(told.SetResult);
        var stopped = WaitForStop();
        await told.Task;
        try
        {
            await stopped.WaitAsync(limit, TimeProvider.System);
            return true;
        }
        catch (TimeoutException) when (!stopped.IsCompleted)
        {
            LogLate(app.Logger, limit.TotalSeconds);
            return false;
        }

        async Task WaitForStop()
        {
            await app.WaitForShutdownAsync();
            await app.DisposeAsync();
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
