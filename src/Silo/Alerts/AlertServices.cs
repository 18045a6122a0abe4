namespace SessionCluster.Silo.Alerts;

/// <summary>Sends by what the transport's mode says.</summary>
internal sealed partial class AlertSender(WebhookSender webhooks, MailSender mails, ILogger<AlertSender> log) : IAlertSender
{
    public bool HasMail => mails.IsConfigured;

    public async Task<AlertSending> Send(AlertTransport transport, AlertNotification notification)
    {
        try
        {
            return await (transport.Mode == TransportMode.Email ? mails.Send(transport, notification) : webhooks.Send(transport, notification));
        }
        catch (Exception failure)
        {
            // One that cannot even be made must not hold up the others for good.
            LogFailed(failure, notification.Id, transport.Pk);
            return new AlertSending(AlertOutcome.Refused, "It could not be sent; the log of the process says why.");
        }
    }

    [LoggerMessage(2102, LogLevel.Error, "The notification {Notification} could not be sent by the transport {Transport}.", EventName = "AlertSendFailed")]
    private partial void LogFailed(Exception failure, Guid notification, Guid transport);
}

/// <summary>
/// Keeps delivery going whatever silo is lost: every silo calls, now and then, the grain of each transport that a rule uses, and once a
/// minute that of every transport. A grain that is in memory has a timer of its own, and the call changes nothing.
/// </summary>
internal sealed partial class AlertFollower(IGrainFactory grains, TimeProvider time, ILogger<AlertFollower> log) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(2);

    /// <summary>How often all are called: one that no rule uses any more may have notifications that wait.</summary>
    private static readonly TimeSpan AllInterval = TimeSpan.FromMinutes(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var isFailing = false;
        long? all = null;
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await Task.Delay(Interval, time, stoppingToken);
                var items = await grains.GetGrain<IAlertCatalogGrain>(IAlertCatalogGrain.Key).Read();
                var isForAll = all is null || time.GetElapsedTime(all.Value) >= AllInterval;
                var called = items.Transports.Where(transport => isForAll || !items.RulesOf(transport.Pk).IsEmpty);
                await Task.WhenAll(called.Select(transport => grains.GetGrain<IAlertDeliveryGrain>(IAlertDeliveryGrain.KeyFor(transport.Pk)).Follow()));
                if (isFailing)
                {
                    LogFollowsAgain();
                }

                (isFailing, all) = (false, isForAll ? time.GetTimestamp() : all);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception exception)
            {
                if (!isFailing && !stoppingToken.IsCancellationRequested)
                {
                    LogFailed(exception);
                }

                isFailing = true;
            }
        }
    }

    [LoggerMessage(2101, LogLevel.Error, "The delivery of alerts could not be seen to; it is tried again, and nothing is said until it goes well.", EventName = "AlertFollowFailed")]
    private partial void LogFailed(Exception exception);

    [LoggerMessage(2103, LogLevel.Information, "The delivery of alerts is seen to again.", EventName = "AlertFollowsAgain")]
    private partial void LogFollowsAgain();
}

/// <summary>Says at the start what mails will lack.</summary>
internal sealed partial class MailNotes(IOptions<MailOptions> mail, IServiceProvider services, ILogger<MailNotes> logger) : LifecycleStep
{
    public override Task StartedAsync(CancellationToken cancellationToken)
    {
        if (mail.Value.Host.Length > 0 && services.GetService<MailLinks>() is { HasPublicUrl: false })
        {
            NoLinks();
        }

        return Task.CompletedTask;
    }

    [LoggerMessage(3134, LogLevel.Warning, "Mail:Host is set and PublicUrl is not: mails have no links. Set PublicUrl to the URL that browsers use.")]
    private partial void NoLinks();
}

/// <summary>Puts alerts into the server.</summary>
internal static class AlertServices
{
    /// <summary>Registers the senders and what keeps delivery going. Add it after the engine: it is then stopped before it.</summary>
    public static IServiceCollection AddAlertDelivery(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddChecked<AlertOptions>(configuration, AlertOptions.Section);
        services.AddChecked<MailOptions>(configuration, MailOptions.Section);
        services.AddSingleton<WebhookSender>();
        services.AddSingleton(provider => new MailText(provider.GetService<MailLinks>()));
        services.AddSingleton<MailSender>();
        services.AddSingleton<IAlertSender, AlertSender>();
        services.AddHostedService<AlertFollower>();
        services.AddHostedService<MailNotes>();
        return services;
    }
}
