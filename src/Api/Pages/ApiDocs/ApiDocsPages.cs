namespace SessionCluster.Api.Pages.ApiDocs;

public sealed record ApiDocsModel(string Search, IReadOnlyList<Operation> Operations, int Count, Frame Frame) : IPageModel;

public sealed record OperationModel(Operation Operation, Frame Frame) : IPageModel;

/// <summary><c>/api/docs/</c>: the API's description, readable and searchable.</summary>
internal sealed class ApiDocsPages(IOptions<PageOptions> options)
{
    /// <summary>At most this many words are looked for, as anybody may ask.</summary>
    private const int MostWords = 16;

    private static readonly (Operation Operation, string Text)[] Searched = [.. ApiDocument.Operations.Select(operation => (operation, TextOf(operation)))];

    public Task List(HttpContext context, Caller caller)
    {
        var search = context.Request.Query["q"].ToString().Trim();
        var words = search.Split(' ', StringSplitOptions.RemoveEmptyEntries).Distinct().Take(MostWords).ToArray();
        var found = Searched.Where(each => words.All(word => each.Text.Contains(word, StringComparison.OrdinalIgnoreCase))).Select(each => each.Operation).ToList();
        return PageWriter.Write(context, ApiList.Create(new ApiDocsModel(search, found, ApiDocument.Operations.Count, FrameOf("API"))));
    }

    public Task One(HttpContext context, Caller caller) =>
        ApiDocument.Operations.FirstOrDefault(operation => operation.Id == context.Request.RouteValues["operation"] as string) is { } found
            ? PageWriter.Write(context, ApiOperation.Create(new OperationModel(found, FrameOf(found.Summary))))
            : ErrorPage.Write(context, Problem.NotFound);

    private static string TextOf(Operation operation) => string.Join('\n', new[] { operation.Path, operation.Method, operation.Summary, operation.Description, operation.Tag, operation.Id }
        .Concat(operation.Parameters.Concat(operation.Body).Concat(operation.Answers.SelectMany(answer => answer.Members)).Select(member => member.Name)));

    private Frame FrameOf(string title) => new(title) { Brand = options.Value.Brand, Area = "API", Content = "column" };
}

/// <summary>The pages of the API's description.</summary>
internal static class ApiDocsRoutes
{
    public static void MapApiDocs(this Routes routes)
    {
        var pages = routes.Make<ApiDocsPages>();
        routes.Page("/api/docs/", pages.List);
        routes.Page("/api/docs/{operation}/", pages.One);
    }
}
