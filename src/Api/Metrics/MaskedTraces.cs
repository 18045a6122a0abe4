using System.Diagnostics;
using OpenTelemetry;

namespace SessionCluster.Api.Metrics;

/// <summary>
/// Lets no e-mail address into the traces, as <see cref="MaskedLines"/> lets none into the log: Orleans tags them with the ids of grains,
/// which hold users' keys, and ASP.NET Core with paths.
/// </summary>
internal sealed class MaskedTraces : BaseProcessor<Activity>
{
    public override void OnEnd(Activity data)
    {
        // Setting a tag changes what is walked through.
        foreach (var (name, value) in data.TagObjects.ToArray())
        {
            var text = value is null or bool or int or long or double ? "" : value.ToString() ?? "";
            if (text.Contains('@', StringComparison.Ordinal))
            {
                data.SetTag(name, MaskedLines.Mask(text));
            }
        }
    }
}
