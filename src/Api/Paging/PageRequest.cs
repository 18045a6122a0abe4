namespace SessionCluster.Api.Paging;

/// <summary>Which page of a list is asked for, by authentik's parameters <c>page</c> and <c>page_size</c>.</summary>
/// <param name="Number">The page, from 1.</param>
/// <param name="Size">Rows per page, 1 to <see cref="MaxSize"/>.</param>
internal readonly record struct PageRequest(int Number, int Size)
{
    /// <summary>Rows per page unless asked otherwise.</summary>
    public const int DefaultSize = 20;

    /// <summary>Most rows per page; larger sizes are cut to it.</summary>
    public const int MaxSize = 100;

    /// <summary>Rows before the page.</summary>
    public int Offset => (Number - 1) * Size;

    /// <summary>Reads the parameters. Null when there can be no such page (a 404); a faulty size is noted as an error.</summary>
    public static PageRequest? Read(IQueryCollection query, FieldErrors errors)
    {
        var reader = new QueryReader(query, errors);
        var size = reader.Number("page_size") ?? DefaultSize;
        if (size == 0)
        {
            errors.Add("page_size", "Must be at least 1.");
            size = DefaultSize;
        }

        var capped = (int)Math.Min(size, MaxSize);
        if (reader.Text("page") is not { } text)
        {
            return new PageRequest(1, capped);
        }

        var valid = int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            && number >= 1
            && (long)number * capped <= int.MaxValue;
        return valid ? new PageRequest(number, capped) : null;
    }

    /// <summary>Answers a list: a 400 that names every fault of the query, a 404, or the page.</summary>
    /// <param name="read">Reads what the list is asked for beside its page, and notes faults.</param>
    public static Task Answer<T>(HttpContext context, Func<PageRequest, FieldErrors, T> read, Func<PageRequest, T, Task> answer)
    {
        var errors = new FieldErrors();
        var page = Read(context.Request.Query, errors);
        var query = read(page ?? new PageRequest(1, 1), errors);
        return errors.Any ? ProblemAnswer.Invalid(context, errors) : page is { } wanted ? answer(wanted, query) : NoSuchPage(context);
    }

    /// <summary>Whether the page exists in a list of <paramref name="count"/> rows. The first page always does.</summary>
    public bool IsWithin(int count) => Number == 1 || Offset < count;

    public static Task NoSuchPage(HttpContext context) => ProblemAnswer.Write(context, Problem.NotFound, "There is no such page.");

    /// <summary>Writes authentik's pagination object: next and previous are page numbers, 0 for none.</summary>
    public void WritePagination(Utf8JsonWriter writer, int count)
    {
        var pages = Math.Max(1, (int)(((long)count + Size - 1) / Size));
        writer.WriteStartObject("pagination"u8);
        writer.WriteNumber("next"u8, Number < pages ? Number + 1 : 0);
        writer.WriteNumber("previous"u8, Number > 1 ? Number - 1 : 0);
        writer.WriteNumber("count"u8, count);
        writer.WriteNumber("current"u8, Number);
        writer.WriteNumber("total_pages"u8, pages);
        writer.WriteNumber("start_index"u8, count == 0 ? 0 : Offset + 1);
        writer.WriteNumber("end_index"u8, (int)Math.Min((long)Offset + Size, count));
        writer.WriteEndObject();
    }
}

/// <summary>Answers with a page: pagination, results, and authentik's empty autocomplete.</summary>
internal static class PageAnswer
{
    /// <summary>Writes the page, or a 404 when it is past the end of the list.</summary>
    public static Task Write<T>(
        HttpContext context, PageRequest page, int count, IEnumerable<T> rows, Action<Utf8JsonWriter, T> writeRow)
    {
        return page.IsWithin(count)
            ? JsonAnswer.Write(context, StatusCodes.Status200OK, (page, count, rows, writeRow), Fill)
            : PageRequest.NoSuchPage(context);
    }

    /// <summary>Writes the page out of a whole list.</summary>
    public static Task WriteSlice<T>(
        HttpContext context, PageRequest page, IReadOnlyCollection<T> all, Action<Utf8JsonWriter, T> writeRow) =>
        Write(context, page, all.Count, all.Skip(page.Offset).Take(page.Size), writeRow);

    private static void Fill<T>(
        Utf8JsonWriter writer, (PageRequest Page, int Count, IEnumerable<T> Rows, Action<Utf8JsonWriter, T> WriteRow) state)
    {
        writer.WriteStartObject();
        state.Page.WritePagination(writer, state.Count);
        writer.WriteStartArray("results"u8);
        foreach (var row in state.Rows)
        {
            state.WriteRow(writer, row);
        }

        writer.WriteEndArray();
        writer.WriteStartObject("autocomplete"u8);
        writer.WriteEndObject();
        writer.WriteEndObject();
    }
}
