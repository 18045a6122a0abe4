using System.Globalization;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;
using SessionCluster.LoginStage;

namespace SessionCluster.Api.Events;

/// <summary>How long events are kept, which here only tells when a listed event will be gone, and who may follow them.</summary>
internal sealed class EventOptions
{
    /// <summary>Streams at a time unless set otherwise.</summary>
    public const int DefaultReaders = 64;

    /// <summary>Most streams that can be set.</summary>
    public const int MostReaders = 10_000;

    /// <summary><c>Events:Retention</c>, in the stage's duration syntax. Default 365 days, for which it is null.</summary>
    public string? Retention { get; set; }

    /// <summary><c>Events:MaxReaders</c>: most streams of events at a time in this process, 1 to 10,000. Null when it is no number.</summary>
    public int? MaxReaders { get; set; } = DefaultReaders;

    /// <summary>The length of time.</summary>
    public TimeSpan Kept =>
        Retention is { } text && DurationParser.TryParse(text, out var duration, out _) ? duration.Value : TimeSpan.FromDays(365);

    public void Bind(IConfiguration configuration)
    {
        Retention = string.IsNullOrEmpty(configuration["Events:Retention"]) ? null : configuration["Events:Retention"];
        if (configuration["Events:MaxReaders"] is { Length: > 0 } readers)
        {
            MaxReaders = int.TryParse(readers, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
        }
    }
}

/// <summary>Checks <see cref="EventOptions"/>.</summary>
internal sealed class EventOptionsValidator : IValidateOptions<EventOptions>
{
    public ValidateOptionsResult Validate(string? name, EventOptions options)
    {
        if (options.MaxReaders is not (>= 1 and <= EventOptions.MostReaders))
        {
            return ValidateOptionsResult.Fail($"Events:MaxReaders must be a whole number from 1 to {EventOptions.MostReaders}.");
        }

        if (options.Retention is not { } text)
        {
            return ValidateOptionsResult.Success;
        }

        if (!DurationParser.TryParse(text, out var duration, out var error))
        {
            return ValidateOptionsResult.Fail($"Events:Retention: {error}");
        }

        return duration.Value > TimeSpan.Zero
            ? ValidateOptionsResult.Success
            : ValidateOptionsResult.Fail($"Events:Retention must be longer than no time; it is '{text}'.");
    }
}
