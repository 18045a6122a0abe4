namespace SessionCluster.Api.Pages.Home;

/// <summary>The model of the start page: whether the server may be sent requests, its version, and whether health and meters are served here.</summary>
public sealed record HomeModel(bool IsReady, string Version, bool HasHealth, Frame Frame) : IPageModel;

/// <summary><c>/</c>: says what this is and leads on.</summary>
internal sealed class HomePages(IReadiness readiness, IOptions<PageOptions> options, IOptions<MetricOptions> metrics)
{
    public async Task Home(HttpContext context, Caller caller)
    {
        const string Title = "Sessions that end when you end them";
        var model = new HomeModel(
            await readiness.WhyNotReady(context.RequestAborted) is null, ProgramVersion.Text, !metrics.Value.IsApart,
            new Frame(Title) { Brand = options.Value.Brand, Content = "column" });
        await PageWriter.Write(context, Start.Create(model));
    }
}

/// <summary>The start page.</summary>
internal static class HomeRoutes
{
    public static void MapHome(this Routes routes) => routes.GetOrHead("/", routes.Make<HomePages>().Home);
}
