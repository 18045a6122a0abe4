namespace SessionCluster.Embedded.Geo;

/// <summary>Reads the records of City and ASN databases: the fields that are used, past all others.</summary>
internal static class RecordShapes
{
    public static CityResponse City(ref RecordCursor cursor, Network network)
    {
        var response = new CityResponse();
        response.Traits.Network = network;
        var record = cursor.Enter(ValueType.Map);
        for (var i = 0; i < record.Count; i++)
        {
            var key = cursor.Key();
            if (key.SequenceEqual("city"u8))
            {
                Entity(ref cursor, response.City, default, out _);
            }
            else if (key.SequenceEqual("continent"u8))
            {
                Entity(ref cursor, response.Continent, "code"u8, out var code);
                response.Continent.Code = code;
            }
            else if (key.SequenceEqual("country"u8))
            {
                Entity(ref cursor, response.Country, "iso_code"u8, out var code);
                response.Country.IsoCode = code;
            }
            else if (key.SequenceEqual("location"u8))
            {
                Place(ref cursor, response.Location);
            }
            else
            {
                cursor.Skip();
            }
        }

        return response;
    }

    public static AsnResponse Asn(ref RecordCursor cursor, Network network)
    {
        var response = new AsnResponse { Network = network };
        var record = cursor.Enter(ValueType.Map);
        for (var i = 0; i < record.Count; i++)
        {
            var key = cursor.Key();
            if (key.SequenceEqual("autonomous_system_number"u8))
            {
                response.AutonomousSystemNumber = cursor.Integer();
            }
            else if (key.SequenceEqual("autonomous_system_organization"u8))
            {
                response.AutonomousSystemOrganization = cursor.Text();
            }
            else
            {
                cursor.Skip();
            }
        }

        return response;
    }

    public static Dictionary<string, string> Names(ref RecordCursor cursor)
    {
        var map = cursor.Enter(ValueType.Map);
        var names = new Dictionary<string, string>(StringComparer.Ordinal);
        for (var i = 0; i < map.Count; i++)
        {
            var language = cursor.Text();
            names[language] = cursor.Text();
        }

        cursor.Leave(map);
        return names;
    }

    private static void Entity(ref RecordCursor cursor, NamedEntity entity, ReadOnlySpan<byte> codeKey, out string? code)
    {
        code = null;
        var map = cursor.Enter(ValueType.Map);
        for (var i = 0; i < map.Count; i++)
        {
            var key = cursor.Key();
            if (key.SequenceEqual("geoname_id"u8))
            {
                entity.GeoNameId = cursor.Integer();
            }
            else if (key.SequenceEqual("names"u8))
            {
                entity.Names = Names(ref cursor);
            }
            else if (!codeKey.IsEmpty && key.SequenceEqual(codeKey))
            {
                code = cursor.Text();
            }
            else
            {
                cursor.Skip();
            }
        }

        cursor.Leave(map);
    }

    private static void Place(ref RecordCursor cursor, Location location)
    {
        var map = cursor.Enter(ValueType.Map);
        for (var i = 0; i < map.Count; i++)
        {
            var key = cursor.Key();
            if (key.SequenceEqual("latitude"u8))
            {
                location.Latitude = cursor.Number();
            }
            else if (key.SequenceEqual("longitude"u8))
            {
                location.Longitude = cursor.Number();
            }
            else
            {
                cursor.Skip();
            }
        }

        cursor.Leave(map);
    }
}
