<?xml version="1.0" encoding="UTF-8"?>
<!-- The HTML part of the mail: tables of 600 px, inline styles, light colours only. Knows blocks only. What C has put into the
     document before: absolute links (href="" where there is none), @cid, @w, @h on a figure that goes along as an image,
     on a table @rows: how many it has, of which only the first are still there, and @most: how many may be shown.
     Columns and stacks stay in the page and the PDF: the paragraph above them says their numbers. -->
<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">
<xsl:output method="html" encoding="UTF-8" indent="no" doctype-system="about:legacy-compat"/>
<xsl:param name="page"/><!-- address of the page, or "" -->
<xsl:param name="dropped"/><!-- titles of the sections that had no room, or "" -->
<xsl:variable name="upper" select="'ABCDEFGHIJKLMNOPQRSTUVWXYZ'"/>
<xsl:variable name="lower" select="'abcdefghijklmnopqrstuvwxyz'"/>
<xsl:variable name="arial">Arial,sans-serif</xsl:variable>
<xsl:variable name="f16">font:16px/24px <xsl:value-of select="$arial"/>;color:#0b0c0c</xsl:variable>
<xsl:variable name="f14">font:14px/20px <xsl:value-of select="$arial"/>;color:#0b0c0c</xsl:variable>
<xsl:variable name="s14">font:14px/20px <xsl:value-of select="$arial"/>;color:#505a5f</xsl:variable>
<xsl:variable name="a">color:#1d70b8;text-decoration:underline</xsl:variable>

<xsl:template match="/digest">
<html lang="{@lang}"><head><meta name="viewport" content="width=device-width,initial-scale=1"/><meta name="color-scheme" content="light"/><meta name="supported-color-schemes" content="light"/>
<title><xsl:value-of select="masthead/subject"/></title>
<style>@media (max-width:599px){.w{width:100%!important}.c{display:block!important;width:100%!important}img.big{width:100%!important;height:auto!important}.d td,.d th{padding-right:6px!important}.d span{word-break:break-word}.m{display:none!important}}</style></head>
<body style="margin:0;padding:0;background-color:#f3f2f1">
<div style="display:none;max-height:0;overflow:hidden;font-size:1px;line-height:1px;color:#f3f2f1"><xsl:value-of select="masthead/preheader"/></div>
<div role="article" aria-roledescription="e-mail" aria-label="{masthead/heading}" lang="{@lang}"><table role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0" style="background-color:#f3f2f1"><tr><td align="center" style="padding:0"><table role="presentation" class="w" width="600" cellpadding="0" cellspacing="0" border="0" style="width:600px;background-color:#ffffff;text-align:left">
<tr><td style="background-color:#12436d;font-size:0;line-height:8px;height:8px">&#160;</td></tr>
<xsl:apply-templates select="masthead"/>
<xsl:apply-templates select="section[$page = '' or not(descendant::term/@id)]"/>
<tr><td style="padding:24px 24px 28px">
<xsl:if test="$dropped"><p style="margin:0 0 12px;{$f16}">This mail had no room for: <xsl:value-of select="$dropped"/>. <xsl:choose><xsl:when test="$page"><a href="{$page}" style="{$a}">They are in the full digest</a></xsl:when><xsl:otherwise>They are in the full digest</xsl:otherwise></xsl:choose>.</p></xsl:if>
<p style="margin:0 0 8px;{$f16}"><xsl:call-template name="links"/></p>
<p style="margin:0;{$s14}"><xsl:value-of select="masthead/frozen"/>. <xsl:value-of select="@generator"/>.</p></td></tr>
</table></td></tr></table></div></body></html>
</xsl:template>

<xsl:template name="links"><xsl:if test="$page"><a href="{$page}" style="{$a}">Full digest</a></xsl:if>
<xsl:for-each select="masthead/link[@rel='pdf'][@href != '']|masthead/link[@rel='previous'][@href != '']"><xsl:sort select="@rel"/><xsl:if test="$page or position() &gt; 1"> · </xsl:if><a href="{@href}" style="{$a}"><xsl:value-of select="."/></a></xsl:for-each>
<xsl:for-each select="section[$page != '' and descendant::term/@id]"> · <a href="{$page}#{@id}" style="{$a}"><xsl:value-of select="@title"/></a></xsl:for-each></xsl:template>

<xsl:template match="masthead">
<tr><td style="padding:14px 24px 0"><p style="margin:0;{$s14}"><xsl:value-of select="kicker"/></p><h1 style="margin:8px 0 0;font:bold 28px/34px {$arial};color:#0b0c0c"><xsl:value-of select="heading"/></h1><p style="margin:2px 0 0;font:16px/24px {$arial};color:#505a5f"><xsl:value-of select="dates"/></p></td></tr>
<tr><td style="padding:16px 24px 0"><p style="margin:0;font:20px/27px {$arial};color:#0b0c0c"><xsl:apply-templates select="verdict/node()"/></p></td></tr>
<tr><td style="padding:16px 24px 0"><table role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0"><tr><td style="border-top:1px solid #b1b4b6;border-bottom:1px solid #b1b4b6;padding:8px 0;font:14px/22px {$arial};color:#0b0c0c"><xsl:for-each select="status"><xsl:if test="position() &gt; 1"><br/></xsl:if><xsl:call-template name="tag"><xsl:with-param name="word" select="@word"/></xsl:call-template><xsl:text> </xsl:text><xsl:apply-templates/></xsl:for-each></td></tr></table></td></tr>
</xsl:template>

<xsl:template match="section">
<tr><td style="padding:24px 24px 0"><table role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0"><tr><td style="border-top:2px solid #0b0c0c;padding:10px 0 0"><h2 style="margin:0;font:bold 20px/26px {$arial};color:#0b0c0c"><xsl:value-of select="@title"/></h2><xsl:if test="@tag and not(descendant::callout[@kind='incomplete'])"><p style="margin:4px 0 0;{$f14}"><xsl:call-template name="tag"><xsl:with-param name="word" select="@tag"/></xsl:call-template></p></xsl:if><xsl:apply-templates/></td></tr></table></td></tr>
</xsl:template>

<!-- blocks -->
<xsl:template match="heading"><h3 style="margin:12px 0 0;font:bold 16px/22px {$arial};color:#0b0c0c"><xsl:apply-templates/></h3></xsl:template>
<xsl:template match="para"><p style="margin:4px 0 8px;{$f16}"><xsl:apply-templates/></p></xsl:template>
<xsl:template match="para[@kind='note']"><p style="margin:8px 0;{$s14}"><xsl:apply-templates/></p></xsl:template>
<xsl:template match="list"><ul style="margin:6px 0 8px;padding:0 0 0 20px;{$f16}"><xsl:for-each select="li"><li style="margin:0"><xsl:apply-templates/></li></xsl:for-each></ul></xsl:template>
<xsl:template match="pair|side"><xsl:apply-templates/></xsl:template>
<xsl:template match="terms"><table role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0" style="border-collapse:collapse;margin:6px 0 0"><xsl:for-each select="term"><tr><td valign="top" style="{$f14};font-weight:bold;border-bottom:1px solid #b1b4b6;padding:5px 12px 5px 0"><xsl:value-of select="@word"/></td><td valign="top" style="{$f14};border-bottom:1px solid #b1b4b6;padding:5px 0"><xsl:apply-templates/></td></tr></xsl:for-each></table></xsl:template>
<xsl:template match="callout"><table role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0" style="margin:8px 0"><tr><td style="padding:4px 0 4px 12px;border-left:5px solid {substring('#b1b4b6#c2410c', 1 + 7 * (@kind = 'incomplete' or @kind = 'warning'), 7)}"><xsl:for-each select="para"><p style="margin:0;{$f16}"><xsl:if test="position() = 1 and ../@kind = 'incomplete' and not(tag)"><xsl:call-template name="tag"><xsl:with-param name="word" select="'Incomplete'"/><xsl:with-param name="tone" select="'orange'"/></xsl:call-template><xsl:text> </xsl:text></xsl:if><xsl:apply-templates/></p></xsl:for-each></td></tr></table></xsl:template>

<xsl:template match="actions"><table role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0"><xsl:for-each select="action"><xsl:variable name="line"><xsl:if test="position() &gt; 1">border-top:1px solid #b1b4b6;</xsl:if></xsl:variable>
<tr><td width="32" valign="top" style="{$line}padding:10px 0;font:bold 20px/24px {$arial};color:#12436d"><xsl:value-of select="@rank"/></td><td valign="top" style="{$line}padding:10px 0"><h3 style="margin:0;font:bold 16px/22px {$arial};color:#0b0c0c"><xsl:choose><xsl:when test="@href != ''"><a href="{@href}" style="{$a}"><xsl:value-of select="title"/></a></xsl:when><xsl:otherwise><xsl:value-of select="title"/></xsl:otherwise></xsl:choose></h3><p style="margin:2px 0;font:16px/23px {$arial};color:#0b0c0c"><xsl:apply-templates select="reason/node()"/></p><p style="margin:0;{$s14}"><b style="color:#0b0c0c"><xsl:value-of select="@owner"/></b> · <xsl:value-of select="@age"/></p></td></tr></xsl:for-each></table></xsl:template>

<xsl:template match="setaside"><table role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0"><tr><td style="background-color:#f3f2f1;padding:10px 14px;{$f14}"><b><xsl:value-of select="@title"/>:</b><xsl:for-each select="aside"><xsl:if test="position() &gt; 1">,</xsl:if><xsl:text> </xsl:text><xsl:value-of select="format-number(@count, '#,##0')"/><xsl:text> </xsl:text><xsl:value-of select="."/></xsl:for-each>.</td></tr></table></xsl:template>

<xsl:template match="tiles"><table role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0" style="margin-top:8px"><xsl:for-each select="tile[position() mod 2 = 1]"><tr><td class="c" width="264" valign="top"><xsl:call-template name="tile"/></td><td class="c" width="24" style="font-size:0;line-height:0">&#160;</td><td class="c" width="264" valign="top"><xsl:for-each select="following-sibling::tile[1]"><xsl:call-template name="tile"/></xsl:for-each></td></tr></xsl:for-each></table></xsl:template>
<xsl:template name="tile"><table role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0"><tr><td colspan="2" style="border-top:1px solid #b1b4b6;padding:8px 0 0;{$f14};font-weight:bold"><xsl:value-of select="@label"/></td></tr>
<tr><td valign="bottom" style="{$f14}"><span style="font-size:{20 + 10 * (string-length(@value) &lt; 7)}px;line-height:36px;font-weight:bold"><xsl:value-of select="@value"/></span><br/><xsl:value-of select="@unit"/></td><td width="130" align="right" valign="bottom"><xsl:if test="figure/@cid"><img src="cid:{figure/@cid}" width="{figure/@w}" height="{figure/@h}" alt="" style="display:block;border:0"/></xsl:if></td></tr>
<tr><td colspan="2" style="padding:3px 0 12px;font:14px/22px {$arial};color:#505a5f"><xsl:value-of select="@usual"/><xsl:if test="@tag"> &#160;<xsl:call-template name="tag"><xsl:with-param name="word" select="@tag"/></xsl:call-template></xsl:if></td></tr></table></xsl:template>

<xsl:template match="figure"/>
<xsl:template match="panels"><p style="margin:12px 0 4px;font:bold 16px/22px {$arial};color:#0b0c0c"><xsl:value-of select="@title"/></p><xsl:for-each select="figure[position() &lt;= 8]"><p style="margin:0 0 4px;{$f14}"><b><xsl:value-of select="@title"/></b>: <xsl:value-of select="@alt"/></p></xsl:for-each><xsl:if test="count(figure) &gt; 8"><p style="margin:0 0 4px;{$s14}"><xsl:value-of select="count(figure) - 8"/> more are on the page.</p></xsl:if></xsl:template>
<xsl:template match="figure[@kind='timeline']"><p style="margin:4px 0 6px;font:bold 16px/22px {$arial};color:#0b0c0c"><xsl:value-of select="@title"/></p><xsl:choose>
<xsl:when test="@cid"><img class="big" src="cid:{@cid}" width="{@w}" height="{@h}" alt="{@alt}" style="display:block;border:0;width:{@w}px;max-width:100%;height:auto;background-color:#ffffff;{$f14}"/></xsl:when>
<xsl:otherwise><p style="margin:0 0 8px;{$f16}"><xsl:value-of select="@alt"/></p></xsl:otherwise></xsl:choose></xsl:template>

<!-- tables: numbers keep their columns; a table of text with more than four becomes three: what it is about, its first number, and
     the rest as one running text -->
<xsl:variable name="head">font:bold 14px/18px <xsl:value-of select="$arial"/>;border-bottom:1px solid #0b0c0c;padding:4px </xsl:variable>
<xsl:variable name="cell">font:14px/20px <xsl:value-of select="$arial"/>;border-bottom:1px solid #b1b4b6;padding:5px </xsl:variable>
<xsl:template match="table[@data]"/>
<xsl:template match="table"><xsl:variable name="n" select="number(@rows)"/>
<xsl:variable name="room"><xsl:choose><xsl:when test="@most"><xsl:value-of select="@most"/></xsl:when><xsl:otherwise>5</xsl:otherwise></xsl:choose></xsl:variable>
<xsl:variable name="most"><xsl:choose><xsl:when test="@limit and @limit &lt; $room"><xsl:value-of select="@limit"/></xsl:when><xsl:otherwise><xsl:value-of select="$room"/></xsl:otherwise></xsl:choose></xsl:variable>
<!-- a table that is cut by one or two rows only is not worth cutting -->
<xsl:variable name="shown"><xsl:choose><xsl:when test="$n &lt;= $most + 2 and $most &gt; 2"><xsl:value-of select="$n"/></xsl:when><xsl:otherwise><xsl:value-of select="$most"/></xsl:otherwise></xsl:choose></xsl:variable>
<xsl:variable name="cols" select="col[not(@priority)]"/>
<!-- on a phone a wide table of numbers keeps its numbers -->
<xsl:variable name="narrow" select="@keep and count($cols) &gt; 4"/>
<xsl:variable name="fold" select="not(@keep) and count($cols) &gt; 4"/>
<xsl:variable name="hasnumber" select="boolean(col[@kind = 'number' and not(@priority)][preceding-sibling::col])"/>
<xsl:variable name="number" select="count(col[@kind = 'number' and not(@priority)][preceding-sibling::col][1]/preceding-sibling::col) + 1"/>
<xsl:if test="$shown &gt; 0 or total"><table class="d" width="100%" cellpadding="0" cellspacing="0" border="0" style="border-collapse:collapse;margin:6px 0 0;color:#0b0c0c"><caption style="{$f14};text-align:left;font-weight:bold;padding:6px 0 4px"><xsl:value-of select="@title"/></caption>
<tr valign="bottom"><xsl:for-each select="col"><xsl:variable name="p" select="position()"/><xsl:if test="not(@priority) and (not($fold) or $p = 1 or ($hasnumber and $p = $number))"><xsl:call-template name="th"><xsl:with-param name="last" select="not($fold) and not(following-sibling::col[not(@priority)])"/><xsl:with-param name="narrow" select="$narrow and $p &gt; 1"/></xsl:call-template></xsl:if></xsl:for-each>
<xsl:if test="$fold"><th scope="col" align="left" style="{$head}0"><xsl:for-each select="col[not(@priority)][position() &gt; 1]"><xsl:variable name="p" select="count(preceding-sibling::col) + 1"/><xsl:if test="not($hasnumber and $p = $number)"><xsl:choose><xsl:when test="$p = 2 or ($p = 3 and $hasnumber and $number = 2)"><xsl:value-of select="@label"/></xsl:when><xsl:otherwise>, <xsl:call-template name="small"><xsl:with-param name="s" select="@label"/></xsl:call-template></xsl:otherwise></xsl:choose></xsl:if></xsl:for-each></th></xsl:if></tr>
<xsl:for-each select="row[position() &lt;= $shown]|total"><tr valign="top"><xsl:variable name="row" select="."/><xsl:variable name="weight"><xsl:if test="self::total">;font-weight:bold</xsl:if></xsl:variable>
<xsl:for-each select="cell"><xsl:variable name="p" select="position()"/><xsl:variable name="col" select="../../col[$p]"/>
<xsl:choose><xsl:when test="$p = 1"><th scope="row" align="left" style="{$cell}12px 5px 0{$weight}"><xsl:call-template name="content"/></th></xsl:when>
<xsl:when test="not($col/@priority) and (not($fold) or ($hasnumber and $p = $number and not(../@missing)))"><xsl:variable name="pad"><xsl:choose><xsl:when test="not($fold) and not($col/following-sibling::col[not(@priority)])">0</xsl:when><xsl:otherwise>12px</xsl:otherwise></xsl:choose></xsl:variable><td style="{$cell}{$pad} 5px 0{$weight}"><xsl:if test="$narrow and $col/@kind != 'number'"><xsl:attribute name="class">m</xsl:attribute></xsl:if><xsl:if test="$col/@kind = 'number'"><xsl:attribute name="align">right</xsl:attribute></xsl:if><xsl:call-template name="content"/></td></xsl:when></xsl:choose></xsl:for-each>
<xsl:choose><xsl:when test="$fold"><td style="{$cell}0{$weight}"><xsl:if test="@missing and $hasnumber"><xsl:attribute name="colspan">2</xsl:attribute></xsl:if><xsl:for-each select="cell[position() &gt; 1][node()]"><xsl:variable name="p" select="count(preceding-sibling::cell) + 1"/><xsl:variable name="col" select="../../col[$p]"/><xsl:if test="not($col/@priority) and (not($hasnumber) or $p != $number or ../@missing)">
<xsl:if test="preceding-sibling::cell[node()][count(preceding-sibling::cell) &gt; 0][not($hasnumber) or count(preceding-sibling::cell) + 1 != $number]">&#160;· </xsl:if><xsl:if test="normalize-space($col/@before)"><xsl:value-of select="concat(normalize-space($col/@before), ' ')"/></xsl:if><xsl:call-template name="content"><xsl:with-param name="sep" select="', '"/></xsl:call-template><xsl:if test="normalize-space($col/@after)"><xsl:value-of select="concat(' ', normalize-space($col/@after))"/></xsl:if></xsl:if></xsl:for-each><xsl:if test="@missing"><xsl:if test="cell[2]">&#160;· </xsl:if><xsl:value-of select="@missing"/></xsl:if></td></xsl:when>
<xsl:when test="@missing and count($cols) &gt; count(cell)"><td colspan="{count($cols) - count(cell)}" style="{$cell}0;color:#505a5f"><xsl:value-of select="@missing"/></td></xsl:when></xsl:choose></tr></xsl:for-each></table></xsl:if>
<xsl:if test="$n &gt; $shown"><p style="margin:6px 0 0;{$f14}"><xsl:variable name="words"><xsl:choose><xsl:when test="@limit and @limit = $shown"><xsl:value-of select="@more"/></xsl:when><xsl:when test="$shown = 0"><xsl:value-of select="concat(@title, ': ', format-number($n, '#,##0'))"/></xsl:when><xsl:otherwise><xsl:value-of select="concat(format-number($n - $shown, '#,##0'), ' more')"/></xsl:otherwise></xsl:choose></xsl:variable><xsl:choose><xsl:when test="$page"><a href="{$page}#{@id}" style="{$a}"><xsl:value-of select="$words"/></a></xsl:when><xsl:otherwise><xsl:value-of select="$words"/> in the full digest</xsl:otherwise></xsl:choose></p></xsl:if>
<xsl:if test="$n = 0 and not(total)"><p style="margin:6px 0 0;{$f14}"><b><xsl:value-of select="@title"/></b>: none</p></xsl:if></xsl:template>

<xsl:template name="th"><xsl:param name="last"/><xsl:param name="narrow"/><xsl:variable name="side"><xsl:choose><xsl:when test="@kind = 'number'">right</xsl:when><xsl:otherwise>left</xsl:otherwise></xsl:choose></xsl:variable><xsl:variable name="pad"><xsl:choose><xsl:when test="$last">0</xsl:when><xsl:otherwise>12px</xsl:otherwise></xsl:choose></xsl:variable><th scope="col" align="{$side}" style="{$head}{$pad} 4px 0"><xsl:if test="$narrow and @kind != 'number'"><xsl:attribute name="class">m</xsl:attribute></xsl:if><xsl:value-of select="@label"/></th></xsl:template>

<xsl:template name="content"><xsl:param name="sep"/><xsl:apply-templates select="node()[not(self::sub or self::strip)]"/>
<xsl:if test="days">shown on the page</xsl:if><xsl:if test="strip and not(text()[normalize-space()])"><xsl:for-each select="strip"><xsl:variable name="f" select="string-length(translate(@states, 'pm', ''))"/><xsl:variable name="m" select="string-length(translate(@states, 'pf', ''))"/><xsl:if test="$f"><xsl:value-of select="$f"/> failed</xsl:if><xsl:if test="$f and $m">, </xsl:if><xsl:if test="$m"><xsl:value-of select="$m"/> missed</xsl:if><xsl:if test="$f or $m"> of </xsl:if><xsl:if test="not($f or $m)">all passed, </xsl:if><xsl:value-of select="string-length(@states)"/></xsl:for-each></xsl:if>
<xsl:if test="sub"><xsl:choose><xsl:when test="$sep"><xsl:value-of select="$sep"/></xsl:when><xsl:otherwise><br/></xsl:otherwise></xsl:choose><span style="color:#505a5f"><xsl:apply-templates select="sub/node()"/></span></xsl:if></xsl:template>

<!-- inline -->
<xsl:template match="link"><xsl:choose><xsl:when test="@href != ''"><a href="{@href}" style="{$a}"><xsl:apply-templates/></a></xsl:when><xsl:otherwise><xsl:apply-templates/></xsl:otherwise></xsl:choose></xsl:template>
<xsl:template match="strong"><b><xsl:apply-templates/></b></xsl:template>
<xsl:template match="code"><span style="font-family:Courier New,Courier,monospace"><xsl:value-of select="."/></span></xsl:template>
<xsl:template match="num|time"><xsl:value-of select="."/></xsl:template>
<xsl:template match="tag"><xsl:call-template name="tag"><xsl:with-param name="word" select="."/></xsl:call-template></xsl:template>
<xsl:template name="tag"><xsl:param name="word"/><xsl:param name="tone" select="@tone"/><span><xsl:attribute name="style"><xsl:choose><xsl:when test="$tone = 'green'">background-color:#cce2d8;color:#005a30</xsl:when><xsl:when test="$tone = 'orange'">background-color:#fcd6c3;color:#6e3619</xsl:when><xsl:when test="$tone = 'red'">background-color:#f4cdc6;color:#2a0b06</xsl:when><xsl:otherwise>background-color:#eeefef;color:#282d30</xsl:otherwise></xsl:choose>;font-weight:bold;padding:1px 6px;white-space:nowrap</xsl:attribute><xsl:value-of select="$word"/></span></xsl:template>

<xsl:template name="small"><xsl:param name="s"/><xsl:choose>
<xsl:when test="contains(concat($lower, ' '), substring($s, 2, 1))"><xsl:value-of select="concat(translate(substring($s, 1, 1), $upper, $lower), substring($s, 2))"/></xsl:when>
<xsl:otherwise><xsl:value-of select="$s"/></xsl:otherwise></xsl:choose></xsl:template>
</xsl:stylesheet>
