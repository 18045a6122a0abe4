using System.Globalization;
using System.Text.Json;
using SessionCluster.Api.Input;
using SessionCluster.Api.Problems;

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

    /// <summary>Whether the page exists in a list of so many rows. The first page always does.</summary>
    public bool IsWithin(int count) => Number == 1 || Offset < count;

    /// <summary>Answers that there is no such page.</summary>
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
