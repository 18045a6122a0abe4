using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using SessionCluster.Api.Hosting;

namespace SessionCluster.Api.Tests.Hosting;

public sealed class ProgramRunTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task A_process_ends_when_it_is_told_to() => Assert.Equal(0, await Run(Task.CompletedTask).WaitAsync(Patience));

    [Fact]
    public async Task A_process_that_cannot_stop_ends_all_the_same() =>
        Assert.Equal(1, await Run(new TaskCompletionSource().Task).WaitAsync(Patience));

    private static Task<int> Run(Task stop) => ProgramRun.Run([], _ =>
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromMilliseconds(100));
        builder.Services.AddHostedService(_ => new StopsWith(stop));
        var app = builder.Build();
        app.Lifetime.ApplicationStarted.Register(app.Lifetime.StopApplication);
        return app;
    });

    /// <summary>Ignores, as some do, that its time is over.</summary>
    private sealed class StopsWith(Task stop) : IHostedService
    {
        public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => stop;
    }
}
